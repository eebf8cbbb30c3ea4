import { execFileSync } from 'node:child_process';
import { JsonExporter } from '../../../../plugins/json/index.ts';
import { logEvent, scoreEvent } from '../events.ts';

/** Run as a child process: does what its first argument names and reports through its channel. */
const CASES: Record<string, (argument: string) => Promise<Record<string, unknown>>> = {
  'full-disk': fullDisk,
  'one-log': oneLog,
  'slow-reader': slowReader,
  'gone-reader': goneReader,
  'stuck-reader': stuckReader,
  'stuck-then-gone': stuckThenGone,
};

const [what = '', argument = ''] = process.argv.slice(2);
const report = await CASES[what]!(argument);
process.send?.(report);
if (process.connected) process.disconnect();

function logs(count: number, size = 0) {
  return Array.from({ length: count }, (_, i) => logEvent(`m${i}${'x'.repeat(size)}`));
}

function attempt(batchId: string, abortSignal = new AbortController().signal) {
  return { batchId, abortSignal };
}

/** The code or message of a failure, or `delivered`. */
async function outcome(sending: Promise<unknown>): Promise<string> {
  return sending.then(
    () => 'delivered',
    (error) => error.cause?.code ?? (error.name === 'TimeoutError' ? error.name : error.code),
  );
}

async function oneLog(destination: string) {
  const exporter = new JsonExporter({ destination });
  await exporter.onLogEvent(logEvent('m0'));
  await exporter.shutdown();
  return {};
}

async function fullDisk(path: string) {
  const limit = (bytes: string) => execFileSync('prlimit', [`--pid=${process.pid}`, `--fsize=${bytes}:`]);
  const exporter = new JsonExporter({ destination: path });
  limit('10000');
  const first = await outcome(exporter.send('logs', logs(100), attempt('a')));
  limit('unlimited');
  const second = await outcome(exporter.send('logs', logs(100), attempt('a')));
  await exporter.shutdown();
  return { first, second };
}

async function slowReader(count: string) {
  const exporter = new JsonExporter({ destination: 'stdout' });
  let mostHeld = 0;
  const watch = setInterval(() => {
    mostHeld = Math.max(mostHeld, process.stdout.writableLength);
  }, 1);
  const batches = Array.from({ length: Number(count) / 100 }, (_, i) =>
    exporter.send('logs', logs(100, 10_000), attempt(`b${i}`)),
  );
  await Promise.all(batches);
  clearInterval(watch);
  await exporter.shutdown();
  return { mostHeld };
}

async function goneReader() {
  const exporter = new JsonExporter({ destination: 'stdout' });
  const sends = [];
  // The parent closes the pipe on the first line, so some later write finds nobody.
  for (let i = 0; i < 50; i++) {
    sends.push(await outcome(exporter.send('logs', logs(10, 10_000), attempt(`b${i}`))));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const name = await exporter.onLogEvent(logEvent()).then(
    () => 'delivered',
    (error) => error.name,
  );
  await exporter.flush();
  await exporter.shutdown();
  await new Promise((resolve) => setTimeout(resolve, 2));
  return { last: sends.at(-1), name, listeners: process.stdout.listenerCount('error') };
}

/** The reader reads nothing until it is told that the first attempt was given up. */
async function stuckReader(count: string) {
  const exporter = new JsonExporter({ destination: 'stdout' });
  const batch = logs(Number(count), 10_000);
  const first = await outcome(exporter.send('logs', batch, attempt('a', AbortSignal.timeout(200))));
  const other = await outcome(exporter.send('scores', [scoreEvent()], attempt('b', AbortSignal.timeout(50))));
  process.send!({ first, other });
  const second = await outcome(exporter.send('logs', batch, attempt('a')));
  await exporter.shutdown();
  return { second };
}

/** One line that the pipe cannot hold; once its attempt was given up, the reader goes away. */
async function stuckThenGone() {
  const exporter = new JsonExporter({ destination: 'stdout' });
  const batch = logs(1, 1_000_000);
  const first = await outcome(exporter.send('logs', batch, attempt('a', AbortSignal.timeout(100))));
  process.send!({ first });
  await exporter.flush();
  const second = await outcome(exporter.send('logs', batch, attempt('a')));
  return { second };
}
