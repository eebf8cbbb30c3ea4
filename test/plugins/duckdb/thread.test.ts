import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { isObsError, ObsError, PermanentError } from '../../../core/index.ts';
import { DuckDBStore } from '../../../plugins/duckdb/index.ts';
import { readOwner } from '../../../plugins/duckdb/owner/lock.ts';
import { runPlace } from '../../../plugins/duckdb/owner/run-file.ts';
import { buildPackage } from '../../kit/built-package.ts';
import { scratchDirectory } from './opened.ts';
import { log, span } from './records.ts';

const SCENARIO = fileURLToPath(new URL('./children/thread-scenario.mjs', import.meta.url));
const run = promisify(execFile);

describe('a DuckDB store works in a worker thread', () => {
  const directory = scratchDirectory();
  let path: string;
  let store: DuckDBStore;
  before(async function () {
    // The worker compiles the sources anew.
    this.timeout(60_000);
    path = join(directory(), 'obs.duckdb');
    store = new DuckDBStore({ path });
    await store.init();
  });
  after(() => store.close());
  const failure = (asked: Promise<unknown>) =>
    asked.then(
      () => expect.fail('was answered'),
      (error) => error,
    );

  it('which owns the file', () => {
    expect(readOwner(runPlace(path))).to.deep.include({ pid: process.pid });
    expect(readOwner(runPlace(path))?.threadId).to.be.greaterThan(0);
  });

  it('which gives back what it was given', async () => {
    await store.observability.createSpan({ span: span(0, 0) });
    const { traceId, id: spanId } = span(0, 0);
    expect(await store.observability.getSpan({ traceId, spanId })).to.deep.equal(span(0, 0));
  });

  it('a write is of what the records were when it was asked for', async () => {
    const record = { ...span(1, 0) };
    const writing = store.observability.createSpan({ span: record });
    record.name = 'changed later';
    await writing;
    const { traceId, id: spanId } = record;
    expect((await store.observability.getSpan({ traceId, spanId }))?.name).to.equal('span 0');
  });

  it('errors keep class, code and hint', async () => {
    const refused = await failure(
      store.observability.createSpan({ span: { ...span(2, 0), name: undefined as never } }),
    );
    expect(refused).to.be.instanceOf(PermanentError);
    expect(refused.cause).to.have.property('code', 'OBS_STORE_WRITE');
    const slow = await failure(store.observability.listLogs({}, { timeoutMs: 0 }));
    expect(slow).to.be.instanceOf(ObsError);
    expect(slow).to.have.property('code', 'OBS_STORE_TIMEOUT');
    expect(slow.hint).to.match(/Narrow the query/);
    expect(isObsError(slow)).to.equal(true);
  });

  it('a query that is aborted rejects with the reason, before and after it is asked', async () => {
    const reason = new Error('not wanted');
    const abort = new AbortController();
    const asked = failure(store.observability.listLogs({}, { signal: abort.signal }));
    abort.abort(reason);
    expect(await asked).to.equal(reason);
    const { signal } = abort;
    expect(await failure(store.observability.listLogs({}, { signal }))).to.equal(reason);
    expect((await store.observability.listLogs()).pagination.total).to.equal(0);
  });

  it('a record that cannot be sent costs itself only', async () => {
    const odd = { ...log(1), record: { ...log(1).record, data: { run: () => 1 } } };
    const invalid = { ...log(2), id: undefined as never };
    const records = [log(0), odd as never, invalid, log(3)];
    const { rejected } = await store.observability.batchCreateLogs({ records });
    expect(rejected.map(({ index }) => index)).to.deep.equal([1, 2]);
    expect(rejected[0]?.reason).to.match(/could not be cloned/);
    expect((await store.observability.listLogs()).pagination.total).to.equal(2);
  });

  it('at the end of the process writes what is left before it returns', async () => {
    const left = { logs: [log(10)], tracing: [{ type: 'span.ended' as const, exportedSpan: span(5, 0) }] };
    store.observability.batchCreateLogs({ records: [log(11)] });
    expect(store.observability.flushSync(left, 5_000)).to.equal(true);
    expect(store.observability.flushSync({ logs: [{ ...log(12), id: undefined as never }] }, 5_000)).to.equal(
      false,
    );
    expect(store.observability.flushSync({ logs: [{ ...log(12), id: (() => 1) as never }] }, 5_000)).to.equal(
      false,
    );
    expect((await store.observability.listLogs()).pagination.total).to.equal(4);
    const { traceId, id: spanId } = span(5, 0);
    expect(await store.observability.getSpan({ traceId, spanId })).to.deep.equal(span(5, 0));
  });
});

describe('a DuckDB store whose worker thread', () => {
  const directory = scratchDirectory();
  let packagePath: string;
  before(async () => {
    packagePath = await buildPackage();
  });
  const seen = async (scenario: string) => {
    const path = join(directory(), scenario, 'obs.duckdb');
    const { stdout } = await run(process.execPath, [SCENARIO, scenario, packagePath, path]);
    return JSON.parse(stdout);
  };

  it('dies fails what was asked, to be tried again, and starts another at the next call', async () => {
    expect(await seen('death')).to.deep.equal({
      workers: 1,
      flushed: true,
      codes: ['OBS_STORE_WRITE', 'OBS_STORE_READ'],
      workersAfter: 2,
      total: 3,
      problems: [],
    });
  });

  it('cannot be made works in its caller, says so, and cannot wait at the end', async () => {
    const { problems, ...rest } = await seen('no worker');
    expect(rest).to.deep.equal({ workers: 0, flushed: false, total: 1 });
    expect(problems.join()).to.match(/^OBS_STORE_THREAD: .*\(no threads here\)/);
  });

  it('does not start, as in a bundle without its module, works in its caller', async () => {
    const { problems, ...rest } = await seen('no module');
    expect(rest).to.deep.equal({ workers: 1, flushed: false, total: 1 });
    expect(problems.join()).to.match(/^OBS_STORE_THREAD: .*Cannot find module '\/nowhere/);
  });

  it('is not what an application preloads: that would start a store in the worker, and so on', async () => {
    const setup = join(directory(), 'setup.mjs');
    const entry = join(packagePath, 'dist', 'plugins', 'duckdb', 'index.js');
    writeFileSync(
      setup,
      `import { isMainThread } from 'node:worker_threads';
      import { DuckDBStore } from ${JSON.stringify(entry)};
      const store = new DuckDBStore({ path: ${JSON.stringify(join(directory(), 'preloaded.duckdb'))} });
      await store.init();
      await store.observability.listLogs();
      console.log(isMainThread ? 'main' : 'worker');`,
    );
    const byFlag = await run(process.execPath, ['--import', setup, '-e', '0']);
    expect(byFlag.stdout).to.equal('main\n');
    const env = { ...process.env, NODE_OPTIONS: `--import ${setup}` };
    const byVariable = await run(process.execPath, ['-e', '0'], { env });
    expect(byVariable.stdout).to.match(/main\n/);
  });

  const callers: [what: string, name: string, load: string][] = [
    ['a module that is required', 'caller.cjs', 'const { DuckDBStore } = require(process.argv[2]);'],
    ['a module', 'caller.mjs', 'const { DuckDBStore } = await import(process.argv[2]);'],
  ];
  for (const [what, name, load] of callers) {
    it(`is found from ${what}`, async () => {
      mkdirSync(directory(), { recursive: true });
      const caller = join(directory(), name);
      const use = `const store = new DuckDBStore({ path: process.argv[3] });
        store.init().then(() => { console.log(owner().threadId); return store.close(); });`;
      const readRun = `function owner() {
        return JSON.parse(process.getBuiltinModule('node:fs').readFileSync(process.argv[3] + '.run.json'));
      }`;
      writeFileSync(caller, `${load}\n${use}\n${readRun}\n`);
      const entry = join(packagePath, 'dist', 'plugins', 'duckdb', 'index.js');
      const { stdout } = await run(process.execPath, [caller, entry, join(directory(), `${name}.duckdb`)]);
      expect(Number(stdout)).to.be.greaterThan(0);
    });
  }
});
