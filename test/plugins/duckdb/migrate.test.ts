import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import { DuckDBStore } from '../../../plugins/duckdb/index.ts';
import { scratchDirectory } from './opened.ts';
import { eventId, log, metric, spanId, traceId } from './records.ts';

const CORRELATION = `entity_type VARCHAR, entity_id VARCHAR, entity_name VARCHAR, user_id VARCHAR, organization_id VARCHAR,
  resource_id VARCHAR, run_id VARCHAR, session_id VARCHAR, thread_id VARCHAR, request_id VARCHAR, environment VARCHAR,
  service_name VARCHAR, source VARCHAR`;
const spans = (name: string, required: string) => `CREATE TABLE ${name} (
  trace_id VARCHAR NOT NULL, span_id VARCHAR NOT NULL, parent_span_id VARCHAR, name VARCHAR ${required},
  type VARCHAR ${required}, is_root_span BOOLEAN, is_event BOOLEAN, seq BIGINT, status VARCHAR,
  started_at TIMESTAMP ${required}, ended_at TIMESTAMP, ${CORRELATION},
  input JSON USING COMPRESSION zstd, output JSON USING COMPRESSION zstd, attributes JSON, metadata JSON, tags JSON,
  scope JSON, links JSON, error_info JSON, truncated JSON, field_seqs JSON)`;
const EVENT = 'id VARCHAR NOT NULL, trace_id VARCHAR, span_id VARCHAR, "timestamp" TIMESTAMP NOT NULL';
const CONTEXT = 'correlation JSON, scope JSON, truncated JSON';

/** The tables of version 1 as the first release made them. */
const VERSION_1 = [
  'CREATE TABLE obs_meta (key VARCHAR NOT NULL, value VARCHAR NOT NULL)',
  "INSERT INTO obs_meta VALUES ('schema_version', '1')",
  spans('obs_spans', 'NOT NULL'),
  `CREATE TABLE obs_metrics (${EVENT}, name VARCHAR NOT NULL, metric_type VARCHAR NOT NULL, value DOUBLE NOT NULL,
     labels JSON, unit VARCHAR, description VARCHAR, metadata JSON, ${CONTEXT})`,
  `CREATE TABLE obs_logs (${EVENT}, level VARCHAR NOT NULL, message VARCHAR NOT NULL,
     data JSON USING COMPRESSION zstd, ${CONTEXT})`,
  `CREATE TABLE obs_scores (${EVENT}, scorer_id VARCHAR NOT NULL, scorer_name VARCHAR, scorer_version VARCHAR,
     score DOUBLE, label VARCHAR, reason VARCHAR, source VARCHAR, metadata JSON, ${CONTEXT})`,
  `CREATE TABLE obs_feedback (${EVENT}, feedback_type VARCHAR NOT NULL, value JSON NOT NULL, comment VARCHAR,
     user_id VARCHAR, source VARCHAR, metadata JSON, ${CONTEXT})`,
  spans('obs_span_changes', ''),
  'CREATE VIEW mastra_ai_spans AS SELECT span_id AS id, trace_id, parent_span_id, name FROM obs_spans',
];

const text = (value: string | undefined) => (value === undefined ? 'NULL' : `'${value}'`);
const METRICS = [
  metric(0, { labels: { model: 'a', kind: 'in' }, unit: '{token}' }),
  // The same series although the labels come in another order.
  metric(1, { labels: { kind: 'in', model: 'a' }, unit: '{token}' }),
  metric(2, { labels: { model: 'b' }, description: 'what it says', traceId: traceId(0) }),
  metric(3, { name: 'latency', metricType: 'histogram', value: 1.5, labels: {} }),
];

const metricRow = (m: (typeof METRICS)[number]) =>
  `INSERT INTO obs_metrics VALUES ('${m.id}', ${text(m.traceId)}, NULL, make_timestamp(${m.timeUnixMicro}),
     '${m.name}', '${m.metricType}', ${m.value}, '${JSON.stringify(m.labels)}', ${text(m.unit)},
     ${text(m.description)}, '{"a":1}', NULL, NULL, NULL)`;

async function onFile<R>(path: string, work: (connection: DuckDBConnection) => Promise<R>): Promise<R> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(`ATTACH '${path}' AS old (STORAGE_VERSION 'latest'); USE old`);
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** A file of version 1; with `isInLog` part of it is in its log only. */
async function makeVersion1(path: string, isInLog = false): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const whole = isInLog ? `${path}.making` : path;
  await onFile(whole, async (connection) => {
    await connection.run(VERSION_1.join('; '));
    await connection.run(
      `INSERT INTO obs_spans (trace_id, span_id, name, type, is_root_span, is_event, seq, status, started_at, ended_at, input)
       VALUES ('${traceId(0)}', '${spanId(0)}', 'old', 'agent_run', true, false, 2, 'ok',
         make_timestamp(1767323045678901), make_timestamp(1767323046678901), '{"q":"?"}')`,
    );
    await connection.run('CHECKPOINT old');
    for (const one of METRICS) await connection.run(metricRow(one));
    if (isInLog) for (const end of ['', '.wal']) copyFileSync(whole + end, path + end);
  });
  if (isInLog) rmSync(whole);
}

describe('a file of an older version', () => {
  const directory = scratchDirectory();
  let path: string;
  let store: DuckDBStore;
  let n = 0;
  beforeEach(() => {
    path = join(directory(), `older-${n++}`, 'obs.duckdb');
    store = new DuckDBStore({ thread: 'main', path });
  });
  afterEach(() => store.close());

  for (const isInLog of [false, true]) {
    it(`is brought up to date when it is opened${isInLog ? ', with what is in its log' : ''}`, async () => {
      await makeVersion1(path, isInLog);
      await store.init();
      const { observability } = store;
      const { metrics } = await observability.listMetrics({
        orderBy: { field: 'timestamp', direction: 'ASC' },
      });
      expect(metrics).to.deep.equal(METRICS.map((one) => ({ ...one, metadata: { a: 1 } })));
      const { spans: roots } = await observability.listTraces();
      expect(roots).to.have.length(1);
      expect(await observability.getSpan({ traceId: traceId(0), spanId: spanId(0) })).to.deep.include({
        name: 'old',
        input: { q: '?' },
      });
      expect(await observability.migrate()).to.deep.equal({ from: 1, to: 2, backup: `${path}.v1.bak` });
      expect((await observability.inspect()).schemaVersion).to.equal(2);
    });
  }

  it('its series are those that the same observations have today', async () => {
    await makeVersion1(path);
    await store.init();
    const tables = async () => {
      const { tables } = await store.observability.inspect();
      return Object.fromEntries(tables.map(({ name, records }) => [name, records]));
    };
    expect(await tables()).to.include({ obs_metric_series: 3, obs_metric_points: 4 });
    const again = METRICS.map((one, index) => ({ ...one, id: eventId(100 + index) }));
    await store.observability.batchCreateMetrics({ records: [...METRICS, ...again] });
    expect(await tables()).to.include({ obs_metric_series: 3, obs_metric_points: 8 });
  });

  it('is kept as it was, private, in a copy that can be opened', async () => {
    await makeVersion1(path, true);
    await store.init();
    await store.observability.batchCreateLogs({ records: [log(0)] });
    await store.close();
    const backup = `${path}.v1.bak`;
    expect((statSync(backup).mode & 0o777).toString(8)).to.equal('600');
    const found = await onFile(backup, async (connection) => {
      const rows = await connection.runAndReadAll('SELECT count(*) FROM obs_metrics');
      const meta = await connection.runAndReadAll('SELECT value FROM obs_meta');
      return [rows.getRows()[0]?.[0], meta.getRows()[0]?.[0]];
    });
    expect(found).to.deep.equal([4n, '1']);
    const before = readFileSync(backup);
    await store.init();
    expect(await store.observability.migrate({ dryRun: true })).to.deep.equal({ from: 2, to: 2 });
    const { files } = await store.observability.inspect();
    expect(files.filter(({ what }) => what === 'backup').map((file) => file.path)).to.deep.equal([backup]);
    expect(readFileSync(backup).equals(before)).to.equal(true);
  });

  it('a backup never replaces another', async () => {
    await makeVersion1(path);
    await store.init();
    await store.close();
    rmSync(path);
    await makeVersion1(path);
    store = new DuckDBStore({ thread: 'main', path });
    await store.init();
    expect((await store.observability.migrate()).backup).to.equal(`${path}.v1-2.bak`);
    expect(existsSync(`${path}.v1.bak`)).to.equal(true);
  });

  it('is refused and not touched where the disk has no room for a copy', async function () {
    const disk = join(directory(), 'small-disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=14m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      this.skip();
    }
    try {
      path = join(disk, 'obs.duckdb');
      await makeVersion1(path);
      const before = readFileSync(path);
      const small = new DuckDBStore({ thread: 'main', path });
      const refused = await small.init().catch((error) => error);
      expect(refused).to.have.property('code', 'OBS_STORE_PATH');
      expect(refused.message).to.match(/an upgrade with its backup needs .* MB, the disk has/);
      expect(readFileSync(path).equals(before)).to.equal(true);
      expect(readdirSync(disk)).to.deep.equal(['obs.duckdb']);
    } finally {
      execFileSync('umount', [disk]);
    }
  });

  it('whose upgrade fails stays as it was', async () => {
    await makeVersion1(path);
    await onFile(path, async (connection) => {
      // Stands in the way of the upgrade after its first steps.
      await connection.run('CREATE TABLE obs_metric_points (x INTEGER)');
    });
    const refused = await store.init().then(
      () => 'opened',
      (error) => error,
    );
    expect(refused).to.have.property('code', 'OBS_STORE_CORRUPT');
    expect(readdirSync(dirname(path)), 'no copy for each attempt').to.deep.equal(['obs.duckdb']);
    const found = await onFile(path, async (connection) => {
      const tables = await connection.runAndReadAll(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old' AND table_name LIKE 'obs_metric%' ORDER BY 1",
      );
      const rows = await connection.runAndReadAll('SELECT count(*) FROM obs_metrics');
      return [...tables.getRows().map(([name]) => name), rows.getRows()[0]?.[0]];
    });
    expect(found).to.deep.equal(['obs_metric_points', 'obs_metrics', 4n]);
  });
});
