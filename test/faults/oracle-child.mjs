// Emits through a host with a spool, notes what is acknowledged, and kills itself in the window that it is told.
import fs from 'node:fs';
import { createObs, definePlugin } from 'obs-kit';

const { dataDir, url, notes, run, durability, window, nth, rounds, perRound, endsClean } = JSON.parse(
  process.argv[2],
);
const note = (line) => fs.appendFileSync(notes, `${line}\n`);
let isStarting = true;
let hits = 0;

/** True when it is time to die. */
function isHit(name) {
  return name === window && ++hits === nth;
}
function die() {
  note(`killed ${window}`);
  process.kill(process.pid, 'SIGKILL');
}

const paths = new Map();
/** Dies in the middle of the call where that is what the window says. */
function watch({ name, args }) {
  const path = typeof args[0] === 'number' ? paths.get(args[0]) : args[0];
  if (name === 'write') {
    const kind = path?.endsWith('.seg') ? 'append' : path?.endsWith('.ack') ? 'ack' : '';
    if (isHit(kind)) {
      const [fd, bytes, offset, length, position] = args;
      fs.writeSync(fd, bytes, offset, Math.floor((length * ((nth * 37) % 100)) / 100), position);
      die();
    }
  }
  if (name === 'fdatasync' && isHit('fsync')) {
    if (nth % 2 === 0) fs.fdatasyncSync(args[0]);
    die();
  }
  if (
    isStarting &&
    ['readdir', 'read', 'unlink', 'link', 'rename', 'open'].includes(name) &&
    isHit('recovery')
  )
    die();
}
const files = {
  run: (call) =>
    new Promise((resolve, reject) => {
      watch(call);
      fs[call.name](...call.args, (error, value) => {
        if (error) return reject(error);
        if (call.name === 'open') paths.set(value, call.args[0]);
        resolve(value);
      });
    }),
  runSync: (call) => {
    watch(call);
    const value = fs[`${call.name}Sync`](...call.args);
    if (call.name === 'open') paths.set(value, call.args[0]);
    return value;
  },
};

/** Sends a batch to the judge: who it is, its id, and the whole events. */
async function send(signal, batch, { batchId }) {
  if (nth % 2 === 0 && isHit('send')) die();
  const response = await fetch(url, {
    method: 'POST',
    body: JSON.stringify({ run, signal, batchId, batch }),
  });
  await response.text();
  if (nth % 2 === 1 && isHit('send')) die();
  if (!response.ok) throw new Error(`status ${response.status}`);
}

const judge = definePlugin({
  name: 'judge',
  apiVersion: 1,
  kind: 'exporter',
  signals: ['logs', 'metrics', 'scores'],
  apply(host) {
    const options = { maxItems: 64, maxDelayMs: 20, retry: { initialDelayMs: 20, maxDelayMs: 100 } };
    for (const signal of ['logs', 'metrics', 'scores'])
      host.deliver[signal]((batch, context) => send(signal, batch, context), options);
  },
});

function onCounts({ accepted, delivered, dropped, spooled, queued, inFlight }) {
  const all = delivered + spooled + queued + inFlight + Object.values(dropped).reduce((sum, n) => sum + n, 0);
  if (all !== accepted || Math.min(delivered, spooled, queued, inFlight) < 0)
    note(`unequal ${JSON.stringify({ accepted, delivered, dropped, spooled, queued, inFlight })}`);
}

const obs = await createObs(
  // Each metric is known by a label of its own, which must not end up in the overflow series.
  {
    dataDir,
    signals: { metrics: { maxSeries: 1_000_000 } },
    plugins: { judge: { delivery: { durability, spoolBytes: 16_000_000_000 } } },
  },
  { config: { plugins: { judge } }, files, onCounts },
);
let emitted = 0;
for (let round = 0; round < rounds; round++) {
  for (let n = 0; n < perRound; n++, emitted++) {
    const id = `${run}-${emitted}`;
    const text = id.padEnd(40 + ((emitted * 131) % 700), '.');
    if (emitted % 3 === 0) obs.logger.info(id, { text });
    else if (emitted % 3 === 1) obs.metrics.counter('count', { description: text }).add(emitted, { id });
    else obs.addScore({ scorerId: id, score: emitted, reason: text, traceId: '1'.padStart(32, '0') });
  }
  const { isComplete, level } = await obs.flush({ until: 'stored', deadlineMs: 5_000 });
  isStarting = false;
  if (isComplete && level === durability) note(`acked ${run} ${emitted}`);
  if (round % 4 === 3) await obs.flush({ deadlineMs: 50 });
}
if (endsClean) {
  await obs.flush({ deadlineMs: 600_000 });
  const { signals } = obs.diagnostics().plugins.judge;
  note(`counts ${JSON.stringify({ emitted, signals })}`);
  await obs.shutdown();
}
