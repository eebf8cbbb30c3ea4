// An application made with the built package: it emits, then ends in the way that its last argument names.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [build, path, end] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(join(build, 'dist', file)).href);
const { createObs } = await load('core/index.js');
const { duckdb } = await load('plugins/duckdb/index.js');
const obs = await createObs(
  {},
  { config: { plugins: { local: duckdb({ path }) } }, env: {}, environment: 'production' },
);

function emit(count) {
  for (let n = 0; n < count; n++) {
    obs.startSpan({ name: `span ${n}`, input: { n } }).end({ output: 'x'.repeat(500) });
    obs.logger.info(`log ${n}`);
    obs.metrics.counter('calls').add(1);
    obs.addScore({ scorerId: 'quality', score: 1 });
    obs.addFeedback({ feedbackType: 'thumbs', value: 1 });
  }
  obs.startSpan({ name: 'still running' });
}

if (end !== 'before the start') await obs.flush();
emit(200);
// Part of it is under way when the process ends.
if (end === 'while writing') await new Promise((resolve) => setTimeout(resolve, 255));
emit(200);
if (end === 'uncaught error') throw new Error('uncaught');
if (end === 'unhandled rejection') void Promise.reject(new Error('unhandled'));
else process.exit(3);
