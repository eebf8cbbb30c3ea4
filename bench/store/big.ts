import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { DuckDBStore as PeerStore } from '@mastra/duckdb';
import { DuckDBStore } from 'obs-kit/duckdb';

/** Spans of one trace. */
const PER_TRACE = 8;
/** Milliseconds between the starts of two traces. */
const APART_MS = 40;

/** When the first span of a big table starts. */
export const FIRST_MS = Date.UTC(2026, 0, 1);

const PAYLOAD = `'{"text":"' || repeat('the customer asks about the invoice of last month ', 8) || i || '"}'`;

/** One row per span, made by DuckDB itself: a million takes seconds. */
const SPANS = (count: number) => `
  SELECT i, i // ${PER_TRACE} AS trace, i % ${PER_TRACE} AS place,
    printf('%012x', ${FIRST_MS} + (i // ${PER_TRACE}) * ${APART_MS}) || md5((i // ${PER_TRACE})::VARCHAR)[:20] AS trace_id,
    md5('s' || i)[:16] AS span_id,
    CASE WHEN i % ${PER_TRACE} = 0 THEN NULL ELSE md5('s' || (i - i % ${PER_TRACE}))[:16] END AS parent_id,
    make_timestamp((${FIRST_MS} + (i // ${PER_TRACE}) * ${APART_MS} + i % ${PER_TRACE}) * 1000) AS started_at,
    CASE WHEN i % 97 = 0 THEN 'error' ELSE 'ok' END AS status
  FROM range(${count}) r(i)`;

/** The id of the n-th trace of a big table. */
export async function traceIdAt(n: number): Promise<string> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const sql = `SELECT printf('%012x', ${FIRST_MS} + ${n}::BIGINT * ${APART_MS}) || md5('${n}')[:20]`;
  return String((await connection.runAndReadAll(sql)).getRows()[0]![0]);
}

/** This project's store with so many spans in it. */
export async function openBigOurs(directory: string, count: number) {
  const path = join(directory, 'obs.duckdb');
  const empty = new DuckDBStore({ path });
  await empty.init();
  await empty.close();
  await fill(
    path,
    `INSERT INTO big.obs_spans (trace_id, span_id, parent_span_id, name, type, is_root_span, is_event, seq, status,
       started_at, ended_at, entity_type, entity_name, user_id, thread_id, environment, service_name, input, output,
       attributes, metadata, tags)
     SELECT trace_id, span_id, parent_id, 'step ' || place, 'generic', place = 0, false, 2, status,
       started_at, started_at + INTERVAL 5 MILLISECOND, 'agent', 'support', 'user-' || trace % 500, 'thread-' || trace // 5,
       'production', 'support-bot', ${PAYLOAD}, ${PAYLOAD}, '{"model":"m"}', '{"tier":"gold"}', '["chat"]'
     FROM (${SPANS(count)})`,
  );
  const store = new DuckDBStore({ path });
  await store.init();
  return store;
}

/** Mastra's store with the same spans, as its own exporter writes them: a row for the start and one for the end. */
export async function openBigPeer(directory: string, count: number) {
  const path = join(directory, 'peer.duckdb');
  const empty = new PeerStore({ path });
  await empty.init();
  await (empty as unknown as { close?(): Promise<void> }).close?.();
  const columns = `eventType, "timestamp", cursorId, traceId, spanId, parentSpanId, entityType, entityName, userId,
    threadId, environment, serviceName, "name", spanType, isEvent, endedAt, attributes, metadata, tags, "input", output,
    "error"`;
  const select = (isEnd: boolean) => `
    SELECT '${isEnd ? 'end' : 'start'}', started_at${isEnd ? ' + INTERVAL 5 MILLISECOND' : ''}, i * 2 + ${isEnd ? 1 : 0},
      trace_id, span_id, parent_id, 'agent', 'support', 'user-' || trace % 500, 'thread-' || trace // 5, 'production',
      'support-bot', 'step ' || place, 'generic', false, ${isEnd ? 'started_at + INTERVAL 5 MILLISECOND' : 'NULL'},
      '{"model":"m"}', '{"tier":"gold"}', '["chat"]', ${PAYLOAD}, ${isEnd ? PAYLOAD : 'NULL'},
      ${isEnd ? `CASE WHEN status = 'error' THEN '{"message":"failed"}' END` : 'NULL'}
    FROM (${SPANS(count)})`;
  await fill(
    path,
    `INSERT INTO big.span_events (${columns}) ${select(false)}`,
    `INSERT INTO big.span_events (${columns}) ${select(true)}`,
  );
  const store = new PeerStore({ path });
  await store.init();
  return (store as unknown as { observability: unknown }).observability;
}

/** Runs statements on a file of which nobody else knows at the moment. */
export async function fill(path: string, ...statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  await connection.run(`ATTACH '${path}' AS big (ROW_GROUP_SIZE 10240)`);
  for (const sql of statements) await connection.run(sql);
  await connection.run('CHECKPOINT big; DETACH big');
  connection.closeSync();
  instance.closeSync();
}
