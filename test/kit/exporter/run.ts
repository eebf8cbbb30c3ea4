import assert from 'node:assert/strict';
import type { DeliveryOptions, EventOf, PluginDiagnostics, Signal } from '../../../core/index.ts';
import type { Destination } from '../destination.ts';
import { createRecording } from '../recording.ts';
import { createTestObs, type TestObs } from '../test-obs.ts';
import type { ExporterSubject } from './subject.ts';

/** The key of the plugin under test. */
export const KEY = 'subject';

const DELIVERY: DeliveryOptions = {
  maxDelayMs: 5,
  timeoutMs: 15_000,
  retry: { initialDelayMs: 1, maxDelayMs: 5, probeMs: 5 },
};

/** A plugin under test that runs, beside one that keeps every event. */
export interface Running<D extends Destination> extends TestObs {
  destination: D;
  /** Events that the other plugin was given. */
  beside(): number;
  diagnostics(): PluginDiagnostics;
}

/** Starts the plugin at a destination of its own, and lets go of both when `check` is done. */
export async function whileRunning<D extends Destination>(
  subject: ExporterSubject<D>,
  check: (running: Running<D>) => Promise<void>,
  { use = subject.use, timeoutMs = DELIVERY.timeoutMs! } = {},
): Promise<void> {
  const destination = await subject.destination.start();
  const recording = createRecording();
  const entry = { use: use(destination), delivery: { ...DELIVERY, timeoutMs } };
  const plugins = { [KEY]: entry, recording: { use: recording.plugin() } };
  const test = await createTestObs({ plugins, config: { shutdownTimeoutMs: 2_000 } });
  try {
    const diagnostics = () => test.obs.diagnostics().plugins[KEY]!;
    await opened(diagnostics);
    await check({ ...test, destination, beside: () => recording.all.length, diagnostics });
  } finally {
    await test.stop();
    await destination.close();
  }
}

/** What a destination is told is about events, not about how the plugin opens. */
async function opened(diagnostics: () => PluginDiagnostics): Promise<void> {
  for (let turn = 0; turn < 200 && diagnostics().state === 'pending'; turn++)
    await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Hands events in and waits until all of them are settled. @throws when they are not within 5 s. */
export async function deliver(
  { ingest, obs }: Pick<TestObs, 'ingest' | 'obs'>,
  events: readonly EventOf[Signal][],
): Promise<void> {
  await ingest(events);
  const { isComplete } = await obs.flush({ deadlineMs: 5_000 });
  assert.equal(isComplete, true, 'a flush of 5 s did not settle all events');
}

/** What became of the events of a signal; the sum must hold. */
export function settledCounts({ diagnostics }: Pick<Running<never>, 'diagnostics'>, signal: Signal) {
  const counts = diagnostics().signals[signal];
  assert.ok(counts, `nothing was ever delivered of ${signal}`);
  const { accepted, delivered, dropped, spooled, queued, inFlight } = counts;
  const lost = Object.values(dropped).reduce((sum, n) => sum + n, 0);
  assert.equal(accepted, delivered + lost + spooled + queued + inFlight, 'the counts do not add up');
  assert.equal(queued + inFlight, 0, 'events are still on their way');
  return { accepted, delivered, dropped };
}

/** Both hold the same ids, each as often. */
export function assertSameIds(taken: readonly string[], wanted: readonly string[], what: string): void {
  assert.deepEqual([...taken].sort(), [...wanted].sort(), what);
}
