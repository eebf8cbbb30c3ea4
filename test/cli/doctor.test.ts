import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { buildPackage } from '../kit/built-package.ts';
import { type FaultServer, hang, html, ok, startFaultServer, status } from '../kit/fault-server.ts';
import { decodeRequest, logsOf, spansOf } from '../kit/otlp.ts';
import { createWorkplace, type RunOptions, type Workplace } from './installed.ts';

type Line = Record<string, unknown> & {
  key: string;
  signals: Record<string, { state: string; why?: string; probe?: Record<string, unknown> }>;
};

const SECRET = 'sk-very-secret-0123456789';
const otel = (endpoint: string, more: object = {}) => ({
  use: 'otel',
  options: { endpoint, headers: { 'x-api-key': SECRET }, ...more },
});

/** Runs it with a config of its own, and gives what it found by entry. */
async function doctor(place: Workplace, config: unknown, args: string[] = [], options: RunOptions = {}) {
  place.write('obs.config.json', JSON.stringify(config));
  const wide = { ...options, env: { ...options.env, COLUMNS: '200' } };
  const json = place.obs(['doctor', '--json', ...args], options);
  const text = await place.obs(['doctor', '--no-json', ...args], wide);
  const { code, stdout, stderr } = await json;
  const lines: Line[] = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const entries = new Map(lines.map((line) => [line.key, line]));
  expect(stdout + stderr + text.stdout + text.stderr).to.not.include(SECRET);
  return { code, entries, lines, stderr, text };
}

describe('obs doctor', function () {
  this.timeout(60_000);
  let place: Workplace;
  before(async function () {
    this.timeout(120_000);
    await buildPackage();
    place = await createWorkplace(null);
  });
  after(() => place?.remove());

  describe('offline', () => {
    it('says of each entry and signal what switched it off', async () => {
      const config = {
        signals: { metrics: false, tracing: { sample: 0.5 } },
        plugins: {
          cloud: { ...otel('http://127.0.0.1:9'), signals: ['tracing', 'metrics', 'logs'] },
          other: { ...otel('http://127.0.0.1:9'), enabled: false },
        },
        environments: { production: { plugins: { cloud: { enabled: false } } } },
      };
      const { code, entries, text } = await doctor(place, config, [], { env: { OBS_LOGS: 'off' } });
      expect(code).to.equal(0);
      expect(entries.get('cloud')!.signals).to.deep.equal({
        tracing: { state: 'on', why: '50 % of the traces are kept (obs.config.json)' },
        metrics: { state: 'off', why: 'signals.metrics is off (obs.config.json)' },
        logs: { state: 'off', why: 'signals.logs is off (OBS_LOGS)' },
        scores: { state: 'off', why: 'not in its signals (obs.config.json)' },
        feedback: { state: 'off', why: 'not in its signals (obs.config.json)' },
      });
      expect(entries.get('other')).to.deep.include({ state: 'off', why: 'switched off by obs.config.json' });
      expect(text.stdout).to.match(/^cloud +otel +tracing +on +50 % of the traces are kept/m);
      expect(text.stderr).to.contain('--probe').and.to.contain('obs.diagnostics()');
      const production = await doctor(place, config, ['--env', 'production']);
      expect(production.entries.get('cloud')!['why']).to.match(/environments\.production/);
    });

    it('names the variable that is missing, and the entry that it breaks', async () => {
      const config = {
        plugins: {
          // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference
          cloud: { use: 'otel', options: { preset: 'langfuse', apiKey: '${secret:CLOUD_KEY}' } },
          fine: otel('http://127.0.0.1:9'),
        },
      };
      const { code, entries, text } = await doctor(place, config);
      expect(code).to.equal(3);
      const [problem] = entries.get('cloud')!['problems'] as { code: string; message: string }[];
      expect(entries.get('cloud')!['state']).to.equal('broken');
      expect(problem).to.deep.include({ code: 'OBS_CONFIG_SECRET_MISSING' });
      expect(problem!.message).to.contain('CLOUD_KEY');
      expect(entries.get('fine')!['state']).to.equal('on');
      expect(text.stdout).to.match(/^cloud +broken +/m);
    });

    it('says that all is off where observability is disabled', async () => {
      const { code, text } = await doctor(place, { plugins: {} }, [], { env: { OBS_DISABLED: '1' } });
      expect(code).to.equal(0);
      expect(text.stdout).to.contain('Observability is disabled');
    });

    it('counts refused events and what waits on the disk, and repeats no event', async () => {
      const letter = {
        key: 'cloud',
        signal: 'logs',
        reason: 'HTTP 400: too long',
        at: '2026-01-01T00:00:00.000Z',
      };
      const letters = join(place.dir, '.obs', 'dead-letters');
      const spool = join(place.dir, '.obs', 'spool', 'cloud', '0', 'logs');
      mkdirSync(letters, { recursive: true });
      mkdirSync(spool, { recursive: true });
      writeFileSync(join(spool, '1.seg'), Buffer.alloc(1_234));
      const lines = [1, 2, 3].map(() => JSON.stringify({ ...letter, event: { text: 'a private prompt' } }));
      writeFileSync(join(letters, 'cloud.jsonl'), `${lines.join('\n')}\n`);
      const { code, entries, text } = await doctor(place, { plugins: { cloud: otel('http://127.0.0.1:9') } });
      expect(code).to.equal(1);
      expect(entries.get('cloud')!['deadLetters']).to.deep.include({
        count: 3,
        newest: { at: letter.at, signal: 'logs', reason: letter.reason },
      });
      expect(entries.get('cloud')!['spool']).to.deep.include({ files: 1, bytes: 1_234 });
      expect(text.stdout).to.contain('3 events refused for good').and.to.contain('HTTP 400: too long');
      expect(text.stdout).to.contain('1.2 kB in 1 file').and.not.to.contain('private');
    });
  });

  describe('--probe', () => {
    let servers: Record<string, FaultServer>;
    /** With a certificate that nobody trusts; undefined where there is no openssl to make one. */
    let secure: Server | undefined;
    before(async () => {
      const start = async (answer: FaultServer['otherwise']) => {
        const server = await startFaultServer();
        server.otherwise = answer;
        return server;
      };
      servers = {
        fine: await start(ok()),
        key: await start(status(401, { body: '{"message":"bad key"}' })),
        rights: await start(status(403)),
        path: await start(status(404)),
        page: await start(html()),
        refused: await start(ok()),
        busy: await start(status(503)),
        bad: await start(status(400, { body: '{"message":"no such project"}' })),
        hanging: await start(hang()),
      };
      await servers['refused']!.close();
      const certificate = selfSigned(place.dir);
      if (!certificate) return;
      secure = createServer(certificate, (_, response) => void response.end('{}'));
      await once(secure.listen(0, '127.0.0.1'), 'listening');
    });
    after(async () => {
      await Promise.all(Object.values(servers).map((server) => server.close()));
      secure?.closeAllConnections();
      secure?.close();
    });

    it('sends a marked event to each destination and explains what kept it', async () => {
      const endpoints = Object.entries(servers).map(([key, { url }]) => [key, url] as const);
      const tls = secure ? [['tls', `https://127.0.0.1:${(secure.address() as AddressInfo).port}`]] : [];
      const all = [...endpoints, ['name', 'http://name.invalid'], ...tls] as [string, string][];
      const config = {
        signals: { metrics: false },
        plugins: Object.fromEntries(
          all.map(([key, url]) => [key, { ...otel(url), signals: ['tracing', 'logs'] }]),
        ),
      };
      const { code, entries, text } = await doctor(place, config, ['--probe']);
      expect(code).to.equal(1);
      const causes = Object.fromEntries(
        all.map(([key]) => {
          const { tracing, logs } = entries.get(key)!.signals;
          expect(tracing!.probe!['cause'], key).to.equal(logs!.probe!['cause']);
          return [key, tracing!.probe!['cause'] ?? tracing!.probe!['outcome']];
        }),
      );
      expect(causes).to.deep.equal({
        fine: 'arrived',
        key: 'unauthorized',
        rights: 'forbidden',
        path: 'not_found',
        page: 'web_page',
        refused: 'refused',
        busy: 'busy',
        bad: 'rejected',
        hanging: 'no_answer',
        name: 'dns',
        ...(secure && { tls: 'tls' }),
      });
      expect(text.code).to.equal(1);
      expect(text.stdout).to.match(/^fine +otel +tracing, logs +arrived/m);
      expect(text.stdout).to.match(/^key: HTTP 401 from .+bad key.*\n {2}hint: .+key/m);
      const { requests } = servers['fine']!;
      const sent = requests.filter(({ body }) => body.length > 100);
      const spans = sent
        .filter(({ path }) => path === '/v1/traces')
        .flatMap(({ body }) => spansOf(decodeRequest('traces', body)));
      const logs = sent
        .filter(({ path }) => path === '/v1/logs')
        .flatMap(({ body }) => logsOf(decodeRequest('logs', body)));
      for (const { attributes } of [...spans, ...logs])
        expect(JSON.stringify(attributes)).to.contain('obs.probe');
      expect([spans.length, logs.length], 'once for each of two runs').to.deep.equal([2, 2]);
    });

    it('leaves stores alone, and sends no judgement where something else shows the way', async () => {
      servers['fine']!.requests.length = 0;
      const config = {
        plugins: {
          local: { use: 'duckdb', options: { path: 'obs.duckdb' } },
          fine: otel(servers['fine']!.url),
        },
      };
      const { code, entries, lines } = await doctor(place, config, ['--probe']);
      expect(code).to.equal(0);
      expect(entries.get('fine')!.signals['scores']).to.deep.equal({ state: 'on' });
      expect(entries.get('local')!.signals['tracing']).to.deep.equal({ state: 'on' });
      const store = lines.find((line) => line['kind'] === 'store')!;
      const spans = (store['tables'] as { name: string; records: number }[]).find(
        ({ name }) => name === 'obs_spans',
      );
      expect(spans!.records).to.equal(0);
    });
  });
});

/** Undefined where there is no openssl. */
function selfSigned(dir: string): { key: Buffer; cert: Buffer } | undefined {
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  args.push('-days', '2', '-subj', '/CN=127.0.0.1', '-keyout', key, '-out', cert);
  try {
    execFileSync('openssl', args, { stdio: 'ignore' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } catch {
    return undefined;
  }
}
