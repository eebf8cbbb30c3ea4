import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { describePlugins, resolveConfig } from '../../../core/index.ts';
import { BraintrustExporter, braintrust } from '../../../plugins/braintrust/index.ts';
import { type Answer, type FaultServer, startFaultServer } from '../../kit/fault-server.ts';
import { ended, feedback, rootId, score, span } from './events.ts';
import { braintrustHost } from './host.ts';
import { API_KEY } from './server.ts';

const base64 = Buffer.from(API_KEY).toString('base64');
const FORMS = [API_KEY, base64, base64.replace(/=+$/, ''), encodeURIComponent(API_KEY)];

function expectNoKey(output: unknown, what: string): void {
  const texts = [
    typeof output === 'string' ? output : (JSON.stringify(output) ?? ''),
    inspect(output, { depth: 9 }),
  ];
  if (output instanceof Error) texts.push(output.message, output.stack ?? '');
  for (const text of texts) for (const form of FORMS) expect(text, what).not.to.include(form);
}

/** Repeats the key in every form and place. */
function echo(code: number, type = 'text/plain'): Answer {
  const all = FORMS.join(' ');
  return (_, response) => {
    response.writeHead(code, {
      'content-type': type,
      location: `https://elsewhere.example/${encodeURIComponent(API_KEY)}?key=${encodeURIComponent(API_KEY)}`,
      'x-echo': encodeURIComponent(all),
    });
    response.end(all);
  };
}

describe('the API key of braintrust', () => {
  let server: FaultServer;
  let dataDir: string;
  beforeEach(async () => {
    server = await startFaultServer();
    dataDir = mkdtempSync(join(tmpdir(), 'obs-braintrust-'));
  });
  afterEach(async () => {
    await server.close();
    rmSync(dataDir, { recursive: true });
  });

  const ANSWERS: Record<string, Answer> = Object.fromEntries([
    ...[302, 307, 400, 401, 403, 404, 413, 418, 429, 500, 503].map((code) => [`${code}`, echo(code)]),
    ['a web page', echo(200, 'text/html')],
    ['an answer that is no JSON', echo(200)],
  ]);

  for (const [what, answer] of Object.entries(ANSWERS)) {
    it(`is in no error, warning, count or dead letter after ${what}`, async () => {
      server.otherwise = answer;
      const config = { deadLetters: true, dataDir };
      const options = { projectId: 'p', probe: false };
      const host = braintrustHost(server.url, options, { retry: { maxElapsedMs: 20 } }, config);
      await host.start();
      await host.ingest([ended(span()), score({ score: 1 }), feedback({}, { spanId: rootId })]);
      await host.obs.flush({ deadlineMs: 300 });
      await host.obs.shutdown({ deadlineMs: 50 });
      expect(server.requests[0]?.headers.authorization).to.equal(`Bearer ${API_KEY}`);
      expect(host.warnings).not.to.deep.equal([]);
      expectNoKey(host.warnings, 'warnings');
      expectNoKey(host.obs.diagnostics(), 'diagnostics');
      const letters = join(dataDir, 'dead-letters', 'cloud.jsonl');
      if (what === '400') expect(existsSync(letters)).to.equal(true);
      if (existsSync(letters)) expectNoKey(readFileSync(letters, 'utf8'), 'dead letters');
    });
  }

  it('is in no error of the probe, and none of an event handed over by hand', async () => {
    for (const [what, answer] of Object.entries(ANSWERS)) {
      server.otherwise = answer;
      const exporter = new BraintrustExporter({ apiUrl: server.url, apiKey: API_KEY });
      const said: unknown[] = [];
      const say = (...words: unknown[]) => void said.push(words);
      const logger = { debug: say, info: say, warn: say, error: say };
      const host = { fetch, logger, version: '0', serviceName: 'bot' };
      said.push(await exporter.init(host as never).catch((error: unknown) => error));
      said.push(await exporter.onTracingEvent(ended(span())).catch((error: unknown) => error));
      expect(
        said.some((one) => one instanceof Error),
        what,
      ).to.equal(true);
      for (const one of [...said, exporter]) expectNoKey(one, what);
    }
  });

  it('is in no explanation, listing or complaint of the config, written or from a variable', async () => {
    const before = process.env['BRAINTRUST_API_KEY'];
    process.env['BRAINTRUST_API_KEY'] = API_KEY;
    try {
      for (const options of [{ apiKey: API_KEY }, {}, { apiKey: API_KEY, apiUrl: 'no url', more: 1 }]) {
        const plugins = { cloud: braintrust(options as never) };
        const resolved = await resolveConfig({ config: { plugins }, env: {} });
        expect(resolved.problems.length > 0).to.equal('more' in options);
        expectNoKey([...resolved.origins], 'explain');
        expectNoKey(resolved.problems, 'problems');
        if (!('more' in options)) expectNoKey(await describePlugins(resolved), 'plugins');
      }
    } finally {
      if (before === undefined) delete process.env['BRAINTRUST_API_KEY'];
      else process.env['BRAINTRUST_API_KEY'] = before;
    }
  });
});
