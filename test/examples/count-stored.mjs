// Counts what the two files of the example hold, without any code of this package: `node count-stored.mjs <dir>`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

const dir = join(process.argv[2], '.obs');

const lines = readFileSync(join(dir, 'events.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));
const count = (signal) => lines.filter((line) => line.signal === signal).length;
const spans = new Set(lines.filter((line) => line.type === 'span.ended').map((line) => line.exportedSpan.id));

const instance = await DuckDBInstance.create(join(dir, 'obs.duckdb'), { access_mode: 'READ_ONLY' });
const connection = await instance.connect();
const rows = async (table) =>
  Number((await connection.runAndReadAll(`SELECT count(*) FROM ${table}`)).getRows()[0][0]);

console.log(
  JSON.stringify({
    jsonl: {
      spans: spans.size,
      metrics: count('metrics'),
      logs: count('logs'),
      scores: count('scores'),
      feedback: count('feedback'),
    },
    duckdb: {
      spans: await rows('mastra_ai_spans'),
      metrics: await rows('obs_metrics'),
      logs: await rows('obs_logs'),
      scores: await rows('obs_scores'),
      feedback: await rows('obs_feedback'),
    },
  }),
);
