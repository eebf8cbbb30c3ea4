import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { openStores } from '../../../core/open-stores.ts';
import { duckdb } from '../../../plugins/duckdb/index.ts';
import { json } from '../../../plugins/json/index.ts';
import { otel } from '../../../plugins/otel/index.ts';
import { type FaultServer, startFaultServer, status } from '../../kit/fault-server.ts';
import { decodeRequest, logsOf } from '../../kit/otlp.ts';
import { installBuiltPackage } from '../config/built-package.ts';
import { createBareProject, removeProjects } from '../config/project.ts';
import { createReloading, type Reloading, unbalanced, until } from './reloading.ts';

const PATIENCE = { shutdownTimeoutMs: 30_000 };

/** The messages of all logs in a file that nobody has open. */
async function messagesIn(path: string): Promise<string[]> {
  const config = { plugins: { s: duckdb({ path, thread: 'main' }) } };
  const { stores, close } = await openStores({}, { config, env: {}, environment: 'test' });
  const { logs } = await stores.get('s')!.listLogs({ pagination: { perPage: 100 } });
  await close();
  return logs.map(({ record }) => record.message).sort();
}

describe('reload of a DuckDB store', function () {
  this.timeout(60_000);
  let directory: string;
  let made: Reloading;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'obs-reload-'));
  });
  afterEach(async () => {
    await made.obs.shutdown();
    rmSync(directory, { recursive: true, force: true });
  });

  it('writes to the old file until it is closed and to the new one from then on; nothing is lost in between', async () => {
    const [a, b] = [join(directory, 'a.duckdb'), join(directory, 'b.duckdb')];
    made = await createReloading({ plugins: { s: duckdb({ path: a, thread: 'main' }) } }, PATIENCE);
    const { obs, config } = made;
    await until(() => obs.diagnostics().plugins['s']!.state === 'running');
    for (let n = 0; n < 10; n++) obs.logger.info(`a${n}`);
    config.plugins = { s: duckdb({ path: b, thread: 'main' }) };
    const reloaded = obs.reload().then(() => obs.logger.info('last'));
    // Spread over the time that the change takes.
    for (let n = 0; n < 20; n++) {
      obs.logger.info(`m${String(n).padStart(2, '0')}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await reloaded;
    await obs.flush();
    const { logs } = obs.diagnostics().plugins['s']!.signals;
    expect(logs).to.deep.include({ accepted: 31, delivered: 31 });
    await obs.shutdown();
    const [inA, inB] = [await messagesIn(a), await messagesIn(b)];
    expect(inA.slice(0, 10)).to.deep.equal(Array.from({ length: 10 }, (_, n) => `a${n}`));
    expect(inB).to.include('last');
    expect([...inA, ...inB]).to.have.length(31);
    expect(new Set([...inA, ...inB]).size).to.equal(31);
  });

  it('opens the same file again with another option, without a fight over it', async () => {
    const path = join(directory, 'same.duckdb');
    made = await createReloading({ plugins: { s: duckdb({ path, thread: 'main' }) } }, PATIENCE);
    const { obs, config, warnings } = made;
    obs.trace('before', () => obs.logger.info('before'));
    const open = obs.startSpan({ name: 'open' });
    await obs.flush();
    config.plugins = { renamed: duckdb({ path, thread: 'main', memoryLimit: '300MB' }) };
    const { added, removed } = await obs.reload();
    expect({ added, removed }).to.deep.equal({ added: ['renamed'], removed: ['s'] });
    open.end();
    obs.logger.info('after');
    await obs.flush();
    expect(warnings).to.deep.equal([]);
    const { logs } = await obs.store!.listLogs({});
    expect(logs.map(({ record }) => record.message).sort()).to.deep.equal(['after', 'before']);
    const { spans } = await obs.store!.listTraces({});
    expect(spans.map(({ name, status }) => `${name} ${status}`).sort()).to.deep.equal([
      'before ok',
      'open ok',
    ]);
    expect(unbalanced(obs.diagnostics())).to.equal(undefined);
  });
});

describe('reload of a DuckDB store in its worker thread', () => {
  after(removeProjects);

  it('goes to another file, and opens that with another option; each event is in one of them, once', async function () {
    this.timeout(60_000);
    const project = createBareProject({
      'app.mjs': `import { createObs } from 'obs-kit';
import { duckdb } from 'obs-kit/duckdb';
const config = { plugins: { s: duckdb({ path: 'a.duckdb' }) } };
const overrides = { shutdownTimeoutMs: 30_000 };
const obs = await createObs(overrides, { config, cwd: import.meta.dirname, env: {}, environment: 'test' });
const changed = [];
let n = 0;
for (const options of [{ path: 'b.duckdb' }, { path: 'b.duckdb', memoryLimit: '300MB' }]) {
  obs.logger.info('' + n++);
  await obs.flush({ deadlineMs: 30_000 });
  obs.logger.info('' + n++);
  config.plugins = { s: duckdb(options) };
  const reloaded = obs.reload();
  for (let i = 0; i < 10; i++) {
    obs.logger.info('' + n++);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  changed.push(...(await reloaded).changed);
}
obs.logger.info('' + n++);
await obs.shutdown();
const { accepted, delivered } = obs.diagnostics().plugins.s.signals.logs;
console.log(JSON.stringify({ n, accepted, delivered, changed }));`,
    });
    await installBuiltPackage(project, ['cosmiconfig', 'tapable', 'zod', '@duckdb']);
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['app.mjs'], { cwd: project });
    expect(stderr).to.equal('');
    const { n, ...more } = JSON.parse(stdout);
    expect(more).to.deep.equal({ accepted: n, delivered: n, changed: ['s', 's'] });
    const inA = await messagesIn(join(project, 'a.duckdb'));
    const inB = await messagesIn(join(project, 'b.duckdb'));
    expect(inA).to.include.members(['0', '1']);
    expect(inB).to.include(`${n - 1}`);
    expect([...inA, ...inB].map(Number).sort((a, b) => a - b)).to.deep.equal([...Array(n).keys()]);
  });
});

describe('reload of exporters', () => {
  let server: FaultServer;
  let made: Reloading;
  let directory: string;
  beforeEach(async () => {
    server = await startFaultServer();
    directory = mkdtempSync(join(tmpdir(), 'obs-reload-'));
  });
  afterEach(async () => {
    await made.obs.shutdown();
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const messages = () =>
    server.requests
      .filter(({ isTaken, path }) => isTaken && path === '/v1/logs')
      .flatMap(({ body }) => logsOf(decodeRequest('logs', body)).map((log) => log['body'].stringValue));

  it('delivers what waited for a key that was wrong as soon as it is corrected', async () => {
    server.otherwise = (request, response) =>
      status(request.headers['x-key'] === 'right' ? 200 : 401)(request, response);
    const cloud = (key: string) => ({
      use: otel({ endpoint: server.url, headers: { 'x-key': key } }),
      signals: ['logs' as const],
    });
    made = await createReloading({ plugins: { cloud: cloud('wrong') } }, { shutdownTimeoutMs: 2_000 });
    const { obs, config } = made;
    for (const message of ['1', '2', '3']) obs.logger.info(message);
    await obs.flush({ deadlineMs: 300 });
    obs.logger.info('4');
    config.plugins = { cloud: cloud('right') };
    await obs.reload();
    obs.logger.info('5');
    await obs.flush();
    expect(
      messages()
        .join(',')
        .match(/\d(?=,|$)/g)!
        .sort(),
    ).to.deep.equal(['1', '2', '3', '4', '5']);
    const { logs } = obs.diagnostics().plugins['cloud']!.signals;
    expect(logs).to.deep.include({ accepted: 5, delivered: 5, dropped: {} });
  });

  it('lets two entries swap their files, each line in the file of its time', async () => {
    const [a, b] = [join(directory, 'a.jsonl'), join(directory, 'b.jsonl')];
    const entry = (destination: string, signal: 'logs' | 'metrics') => ({
      use: json({ destination }),
      signals: [signal],
    });
    made = await createReloading({ plugins: { x: entry(a, 'logs'), y: entry(b, 'metrics') } });
    const { obs, config } = made;
    const emit = () => {
      obs.logger.info('x');
      obs.metrics.counter('y').add();
    };
    emit();
    config.plugins = { x: entry(b, 'logs'), y: entry(a, 'metrics') };
    expect((await obs.reload()).changed).to.deep.equal(['x', 'y']);
    emit();
    await obs.shutdown();
    const types = (file: string) =>
      readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).type);
    expect([types(a), types(b)]).to.deep.equal([
      ['log', 'metric'],
      ['metric', 'log'],
    ]);
  });
});
