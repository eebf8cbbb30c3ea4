import { expect } from 'chai';
import { engineInMemory } from './opened.ts';
import { span, spanId, started, traceId } from './records.ts';

const MASTRA_COLUMNS = [
  ...[
    'id',
    'trace_id',
    'parent_span_id',
    'name',
    'type',
    'started_at',
    'ended_at',
    'status',
    'input',
    'output',
  ],
  ...[
    'metadata',
    'tags',
    'entity_type',
    'entity_name',
    'entity_id',
    'user_id',
    'organization_id',
    'resource_id',
  ],
  ...[
    'run_id',
    'session_id',
    'thread_id',
    'request_id',
    'environment',
    'service_name',
    'source',
    'error_info',
  ],
  ...['has_child_error', 'scope', 'attributes'],
];

describe('the tables of the DuckDB store', () => {
  const { store, read } = engineInMemory('128MB');
  const query = (sql: string) =>
    read(async (connection) => (await connection.runAndReadAll(sql)).getRowObjectsJson());
  before(async () => {
    await store.init();
    await store.batchCreateSpans({
      records: [
        span(0, 0, { tags: ['a', 'b'], metadata: { tier: 'gold' }, userId: 'u', resourceId: 'r' }),
        span(0, 1, { status: 'error' }),
        started(1, 0, { status: 'error' }),
      ],
    });
    await store.updateSpan({ traceId: traceId(2), spanId: spanId(0), updates: { output: 'incomplete' } });
  });
  after(() => store.close());

  it('mastra_ai_spans has the columns of that name, in their order', async () => {
    const columns = await query(
      "SELECT column_name FROM duckdb_columns() WHERE table_name = 'mastra_ai_spans' ORDER BY column_index",
    );
    expect(columns.map((row) => row['column_name'])).to.deep.equal(MASTRA_COLUMNS);
  });

  it('mastra_ai_spans shows the spans with times to the microsecond, tags as a list and errors below', async () => {
    const rows = await query(
      "SELECT *, metadata->>'tier' AS tier FROM mastra_ai_spans ORDER BY trace_id, id",
    );
    expect(rows).to.have.lengthOf(3);
    expect(rows[0]).to.deep.include({
      id: spanId(0),
      trace_id: traceId(0),
      parent_span_id: null,
      started_at: '2026-01-02 03:04:05.678901',
      ended_at: '2026-01-02 03:04:05.679401',
      tags: ['a', 'b'],
      tier: 'gold',
      user_id: 'u',
      resource_id: 'r',
      has_child_error: true,
    });
    expect(rows[1]).to.deep.include({ parent_span_id: spanId(0), has_child_error: null });
    expect(rows[2]).to.deep.include({ ended_at: null, has_child_error: false });
  });

  it('one table per signal, one for series of metrics, one for what waits, one for the version; no key and no index', async () => {
    const tables = await query(
      'SELECT table_name, has_primary_key, index_count FROM duckdb_tables() ORDER BY 1',
    );
    expect(tables.map((row) => row['table_name'])).to.deep.equal([
      'obs_feedback',
      'obs_logs',
      'obs_meta',
      'obs_metric_points',
      'obs_metric_series',
      'obs_scores',
      'obs_span_changes',
      'obs_spans',
    ]);
    for (const table of tables) expect(table).to.include({ has_primary_key: false, index_count: '0' });
    expect(await query('SELECT * FROM obs_meta')).to.deep.equal([{ key: 'schema_version', value: '2' }]);
  });

  it('memory and threads are capped as asked', async () => {
    const settings = await query(
      "SELECT name, value FROM duckdb_settings() WHERE name IN ('memory_limit', 'threads', 'temp_directory') ORDER BY 1",
    );
    expect(settings.map((row) => row['value'])).to.deep.equal(['122.0 MiB', '', '1']);
  });

  const forbidden = [
    "SELECT * FROM read_text('package.json')",
    "SELECT * FROM read_csv('package.json')",
    "COPY (SELECT 1) TO '/no-such-directory/leak.csv'",
    "ATTACH '/no-such-directory/other.duckdb' AS other",
    'INSTALL httpfs',
    'LOAD httpfs',
    'SET enable_external_access = true',
    "SET memory_limit = '4GB'",
    'SET autoload_known_extensions = true',
    "SET temp_directory = '.'",
  ];
  for (const sql of forbidden) {
    it(`refuses: ${sql}`, async () => {
      const outcome = await query(sql).then(
        () => 'done',
        (error) => error,
      );
      expect(outcome).to.be.an('error').with.property('code', 'OBS_STORE_READ');
      expect(outcome.message).to.match(/disabled|locked/i);
    });
  }

  it('neither loads nor fetches extensions by itself', async () => {
    const settings = await query(
      "SELECT value FROM duckdb_settings() WHERE name IN ('autoinstall_known_extensions', 'autoload_known_extensions')",
    );
    expect(settings).to.deep.equal([{ value: 'false' }, { value: 'false' }]);
  });

  it('a read cannot write', async () => {
    const outcome = await query('DELETE FROM obs_spans').catch((error) => error);
    expect(outcome).to.have.property('code', 'OBS_STORE_READ');
    expect((await store.listTraces()).pagination.total).to.equal(2);
  });
});
