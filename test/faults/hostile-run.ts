// Runs in a child process, which ends as its application says whatever its plugins do: nothing listens for unhandled
// rejections here, so that one of them would end it with code 1.
import { setImmediate } from 'node:timers/promises';
import type { PluginDiagnostics } from '../../core/diagnostics/diagnostics.ts';
import type { BaseObservabilityInstance } from '../../core/instance.ts';
import { SIGNALS, type Signal } from '../../core/signals/index.ts';
import { createTestHost } from '../kit/host.ts';
import { createRecording, type Recording } from '../kit/recording.ts';
import { HOSTILITIES, hostilePlugin } from './hostile-plugins.ts';

/** What came of a process with a hostile plugin between two others. */
export interface HostileResult {
  name: string;
  /** Events of each signal. */
  events: number;
  /** What the application caught when it emitted. */
  thrown: string[];
  /** The signals of which one of the two others has not got every event, as it was. */
  incomplete: string[];
  /** What the host says of it. */
  hostile: PluginDiagnostics | undefined;
  insideTap: number;
  /** The lines about it. */
  warnings: string[];
  /** Why it was refused; the rest is not known then. */
  refused?: string;
}

const DELIVERY = {
  maxDelayMs: 20,
  timeoutMs: 200,
  retry: { initialDelayMs: 5, maxDelayMs: 50, maxElapsedMs: 300 },
};

/** Rounds of events between two looks at what has arrived. */
const PORTION = 5_000;

async function run(name: string, usual: number): Promise<HostileResult> {
  const hostility = HOSTILITIES[name]!;
  const events = hostility.events ?? usual;
  const before = createRecording();
  const after = createRecording({ through: 'deliver' });
  const current: { obs?: BaseObservabilityInstance } = {};
  const plugin = hostilePlugin(hostility, () => current.obs!);
  const plugins = { before: before.plugin, hostile: { plugin, delivery: DELIVERY }, after: after.plugin };
  // Elsewhere events are frozen, so that a plugin that changes one is found before production.
  const environment = name === 'changes its events' ? 'test' : 'production';
  const host = createTestHost({ config: { environment }, plugins });
  current.obs = host.obs;
  await host.start();
  const thrown: string[] = [];
  for (let n = 0; n < events; n++) {
    try {
      emitAll(host.obs, n);
    } catch (error) {
      thrown.push(String(error));
    }
    if (n % PORTION === 0) await caughtUp(host.obs, after, n);
  }
  await host.obs.flush({ deadlineMs: 500 });
  await host.obs.shutdown({ deadlineMs: 500 });
  const { plugins: told, emitted } = host.obs.diagnostics();
  return {
    name,
    events,
    thrown,
    incomplete: [...lacking('before', before, events), ...lacking('after', after, events)],
    hostile: told['hostile'],
    insideTap: SIGNALS.reduce((sum, signal) => sum + (emitted[signal].dropped['inside_tap'] ?? 0), 0),
    warnings: host.warnings.filter((line) => line.includes('"hostile"')),
  };
}

/**
 * More at once than a queue holds would be shed, rightly. What has not come to the other after some seconds does not come;
 * the hostile one, which may take nothing ever, is waited for a moment.
 */
async function caughtUp(obs: BaseObservabilityInstance, { events }: Recording, count: number): Promise<void> {
  const isBehind = () => SIGNALS.some((signal) => events[signal].length < count - PORTION / 2);
  const isFilling = () =>
    Object.values(obs.diagnostics().plugins['hostile']!.signals).some(({ queued }) => queued > PORTION);
  await over(isBehind, 5_000);
  await over(isFilling, 500);
}

async function over(condition: () => boolean, ms: number): Promise<void> {
  for (const endsAt = performance.now() + ms; condition() && performance.now() < endsAt; )
    await setImmediate();
}

/** One event of each signal; a span has two, so only every second one makes a span. */
function emitAll(obs: BaseObservabilityInstance, n: number): void {
  if (n % 2 === 0) obs.startSpan({ name: `n${n}`, type: 'generic', input: 'text' }).end();
  obs.logger.info(`n${n}`, { n });
  obs.metrics.counter('requests').add(1);
  obs.addScore({ scorerId: `n${n}`, score: 1 });
  obs.addFeedback({ feedbackType: `n${n}`, value: 1 });
}

function lacking(who: string, { events }: Recording, count: number): string[] {
  const isWhole = (signal: Signal) =>
    events[signal].length === count && events[signal].every(({ type }) => TYPES[signal].includes(type));
  return SIGNALS.filter((signal) => !isWhole(signal)).map(
    (signal) => `${who}: ${signal} ${events[signal].length}`,
  );
}

const TYPES: Record<Signal, readonly string[]> = {
  tracing: ['span.started', 'span.ended'],
  logs: ['log'],
  metrics: ['metric'],
  scores: ['score'],
  feedback: ['feedback'],
};

const count = Number(process.argv[2]);
process.exitCode = 7;
// Half a million errors are made here; that is not what is tested.
Error.stackTraceLimit = 0;
for (const name of Object.keys(HOSTILITIES)) {
  const result = await run(name, count).catch((error) => ({ name, refused: String(error) }));
  process.stdout.write(`${JSON.stringify({ ms: performance.now(), ...result })}\n`);
}
