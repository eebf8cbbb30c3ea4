import { join } from 'node:path';
import { expect } from 'chai';
import { DuckDBStore } from '../../../plugins/duckdb/index.ts';
import { scratchDirectory } from './opened.ts';
import { log, START, span } from './records.ts';

describe('runSql of the DuckDB store', () => {
  const directory = scratchDirectory();
  let opened: DuckDBStore;
  before(async () => {
    opened = new DuckDBStore({ thread: 'main', path: join(directory(), 'obs.duckdb') });
    await opened.init();
    await opened.observability.batchCreateSpans({
      records: [span(0, 0, { metadata: { a: [1] } }), span(0, 1)],
    });
    await opened.observability.batchCreateLogs({ records: [log(0)] });
  });
  after(() => opened.close());

  const run = (sql: string, maxRows?: number) =>
    opened.observability.runSql({ sql, ...(maxRows && { maxRows }) });
  const refused = (sql: string) =>
    run(sql).then(
      (answer) => expect.fail(`${sql} was answered: ${JSON.stringify(answer)}`),
      (error) => error,
    );
  const valueOfSql = async (sql: string) => (await run(`SELECT ${sql}`)).rows[0]?.[0];

  it('answers a SELECT over the tables of the store', async () => {
    const answer = await run(`
      SELECT s.name, s.started_at AS at, s.metadata, count(*) OVER () AS spans, (SELECT count(*) FROM obs_logs) AS logs
      FROM obs_spans s ORDER BY s.name;`);
    expect(answer).to.deep.equal({
      columns: [
        { name: 'name', type: 'VARCHAR' },
        { name: 'at', type: 'TIMESTAMP' },
        { name: 'metadata', type: 'JSON' },
        { name: 'spans', type: 'BIGINT' },
        { name: 'logs', type: 'BIGINT' },
      ],
      rows: [
        ['span 0', new Date(START / 1000), '{"a":[1]}', 2, 1],
        ['span 1', new Date(START / 1000 + 1), null, 2, 1],
      ],
      isCut: false,
    });
  });

  const selects = {
    'WITH x AS (SELECT 41 AS n) SELECT n + 1 FROM x': [[42]],
    'FROM range(2)': [[0], [1]],
    "VALUES (1, 'a;b')": [[1, 'a;b']],
    '-- a note\nSELECT 1 /* ; */': [[1]],
    'SELECT unnest([1, 2])': [[1], [2]],
    'SELECT key FROM json_each(\'{"a": 1}\')': [['a']],
    'SELECT column_name FROM (DESCRIBE obs_meta)': [['key'], ['value']],
    'SELECT count(*) FROM mastra_ai_spans': [[2]],
  };
  for (const [sql, rows] of Object.entries(selects)) {
    it(`answers: ${sql}`, async () => {
      expect((await run(sql)).rows).to.deep.equal(rows);
    });
  }

  it('answers SHOW and DESCRIBE, which change nothing', async () => {
    const tables = (await run('SHOW TABLES')).rows.flat();
    expect(tables).to.include.members(['obs_spans', 'obs_logs', 'mastra_ai_spans']);
    expect((await run('DESCRIBE SELECT 1 AS one')).rows[0]).to.include.members(['one', 'INTEGER']);
  });

  it('gives two columns of one name both', async () => {
    const answer = await run('SELECT 1 AS a, 2 AS a');
    expect(answer.columns.map(({ name }) => name)).to.deep.equal(['a', 'a']);
    expect(answer.rows).to.deep.equal([[1, 2]]);
  });

  it('stops at maxRows and says that there is more', async () => {
    for (const [count, isCut] of [
      [9, true],
      [10, false],
      [11, false],
    ] as const) {
      const { rows, ...answer } = await run('FROM range(10)', count);
      expect(rows).to.have.lengthOf(Math.min(count, 10));
      expect(answer.isCut).to.equal(isCut);
    }
    expect(await run('FROM range(10) WHERE false')).to.deep.include({ rows: [], isCut: false });
    const { rows, isCut } = await run('FROM range(5000)', 3000);
    expect(rows[2999]).to.deep.equal([2999]);
    expect(isCut).to.equal(true);
  });

  it('makes only the rows that are wanted', async () => {
    const { rows } = await run("SELECT repeat('x', 1000) || range FROM range(100000000000)", 10);
    expect(rows).to.have.lengthOf(10);
  });

  const values: [sql: string, value: unknown][] = [
    ['NULL', null],
    ['true', true],
    ['7::UTINYINT', 7],
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', '9007199254740993'],
    ["'-9223372036854775808'::BIGINT", '-9223372036854775808'],
    ['170141183460469231731687303715884105727::HUGEINT', '170141183460469231731687303715884105727'],
    ['sum(x) FROM (VALUES (1), (2)) t(x)', 3],
    ['1.25::DECIMAL(10, 2)', 1.25],
    ['12345678901234567.25::DECIMAL(30, 2)', '12345678901234567.25'],
    ['0.1::DOUBLE', 0.1],
    ["'nan'::DOUBLE", 'NaN'],
    ["'-inf'::DOUBLE", '-Infinity'],
    ["TIMESTAMP '2026-01-02 03:04:05.678901'", new Date('2026-01-02T03:04:05.678Z')],
    ["TIMESTAMP_S '1969-12-31 23:59:59'", new Date(-1000)],
    ["TIMESTAMP_MS '1970-01-01 00:00:00.5'", new Date(500)],
    ["TIMESTAMP_NS '1970-01-01 00:00:00.25'", new Date(250)],
    ["'infinity'::TIMESTAMP", 'infinity'],
    ["DATE '2026-01-02'", '2026-01-02'],
    ["TIME '03:04:05'", '03:04:05'],
    ["INTERVAL '2 days'", '2 days'],
    ["'5b2bd8a3-0000-4000-8000-000000000001'::UUID", '5b2bd8a3-0000-4000-8000-000000000001'],
    ["'\\x00\\xFF'::BLOB", 'AP8='],
    ["'1'::JSON", '1'],
    ["{'a': [1, NULL], 'b': {'c': DATE '2026-01-02'}}", { a: [1, null], b: { c: '2026-01-02' } }],
    ['[9007199254740993, 1]', ['9007199254740993', 1]],
    ["MAP {'k': 1}", [{ key: 'k', value: 1 }]],
    ['[1, 2]::INTEGER[2]', [1, 2]],
    ["'b'::ENUM ('a', 'b')", 'b'],
    ["'101'::BIT", '101'],
    ['union_value(n := 5)', '5'],
  ];
  for (const [sql, value] of values) {
    it(`gives ${sql} as ${JSON.stringify(value)}`, async () => {
      expect(await valueOfSql(sql)).to.deep.equal(value);
    });
  }

  const forbidden = [
    'DELETE FROM obs_logs',
    'DELETE FROM obs_logs RETURNING *',
    'WITH x AS (SELECT 1) DELETE FROM obs_logs',
    "INSERT INTO obs_meta VALUES ('a', 'b')",
    "UPDATE obs_meta SET value = '9'",
    'CREATE TABLE x (a INTEGER)',
    'CREATE TEMP TABLE x AS SELECT 1',
    'DROP TABLE obs_logs',
    'SELECT 1; SELECT 2',
    'SELECT 1; DELETE FROM obs_logs',
    '',
    '-- nothing',
    "COPY obs_logs TO 'leak.csv'",
    "COPY (SELECT 1) TO 'leak.csv'",
    "EXPORT DATABASE 'leak'",
    'PRAGMA database_size',
    "PRAGMA memory_limit = '9GB'",
    'SET threads = 1',
    'RESET threads',
    'USE memory',
    "ATTACH ':memory:' AS other",
    'DETACH obs',
    'INSTALL httpfs',
    'LOAD httpfs',
    'CHECKPOINT',
    'CALL force_checkpoint()',
    'SELECT * FROM checkpoint()',
    'WITH x AS (FROM system.main."Force_Checkpoint"()) FROM x',
    "SELECT (FROM checkpoint('obs'))",
    "SELECT * FROM query('SELECT * FROM checkpoint()')",
    'SELECT * FROM enable_logging()',
    "SELECT * FROM read_text('package.json')",
    "SELECT * FROM glob('*')",
    "SELECT * FROM 'package.json'",
    'SELECT * FROM duckdb_secrets()',
    'SELECT * FROM arrow_scan(1, 2, 3)',
    'BEGIN TRANSACTION',
    'COMMIT',
    'ROLLBACK',
    'EXPLAIN ANALYZE DELETE FROM obs_logs',
    'PREPARE x AS SELECT 1',
    'SELECT $1',
    'SELECT ?',
    "SELECT nextval('x')",
  ];
  for (const sql of forbidden) {
    it(`refuses: ${sql || 'nothing'}`, async () => {
      const before = await run('SELECT (SELECT count(*) FROM obs_logs), (SELECT count(*) FROM obs_meta)');
      expect(await refused(sql || ' ')).to.have.property('code', 'OBS_STORE_QUERY');
      const after = await run('SELECT (SELECT count(*) FROM obs_logs), (SELECT count(*) FROM obs_meta)');
      expect(after).to.deep.equal(before);
    });
  }

  it('hands on what DuckDB says to a mistake', async () => {
    expect((await refused('SELEC 1')).message).to.match(/syntax error at or near "SELEC"/);
    expect((await refused('SELECT colour FROM obs_logs')).message).to.match(/"colour" not found/);
    expect((await refused("SELECT 'x'::INTEGER")).message).to.match(/Could not convert string 'x'/);
    expect((await refused("SELECT error('my own')")).message).to.match(/my own/);
  });

  it('says what cannot be asked', async () => {
    expect((await refused('FROM checkpoint()')).message).to.match(/checkpoint\(\) cannot be called/);
    expect((await refused('DROP TABLE obs_logs')).message).to.match(/only a SELECT can be asked/);
    expect((await refused('-- nothing')).message).to.match(/expected one SELECT, got 0 statements/);
    expect((await refused('SELECT 1; SELECT 2')).message).to.match(/expected one SELECT, got 2 statements/);
  });

  it('tells a lack of memory from a mistake, and goes on', async () => {
    const small = new DuckDBStore({ thread: 'main', path: ':memory:', memoryLimit: '20MB' });
    await small.init();
    try {
      const failed = await small.observability
        .runSql({ sql: "SELECT list(repeat('x', 1000) || range) FROM range(1000000)" })
        .catch((error) => error);
      expect(failed).to.have.property('code', 'OBS_STORE_READ');
      expect((await small.observability.runSql({ sql: 'SELECT 1' })).rows).to.deep.equal([[1]]);
    } finally {
      await small.close();
    }
  });
});
