import { setImmediate } from 'node:timers/promises';
import type { SinonFakeTimers } from 'sinon';
import type { DeliveryOptions } from '../../core/delivery/options.ts';
import { RetryableError } from '../../core/delivery/outcome.ts';
import type { PluginDiagnostics } from '../../core/diagnostics/diagnostics.ts';
import { createTestHost } from '../kit/host.ts';
import { heldBytes } from './memory.ts';
import { type Collector, createCollector, createMix, type Mix } from './mix.ts';

/** An outage of an hour, on a clock that a test moves. */
export interface HourRun {
  timers: SinonFakeTimers;
  /** Events in that hour, evenly spread. */
  events: number;
  isDown: boolean;
  /** The `delivery` block of the entry. Default: none, so the defaults hold. */
  delivery?: DeliveryOptions;
  /** Where its spool is, if it has one. */
  dataDir?: string;
  random: () => number;
}

/** What came of it. */
export interface HourResult {
  mix: Mix;
  collector: Collector;
  /** At the end of the hour, before the recovery. */
  during: PluginDiagnostics;
  after: PluginDiagnostics;
  /** How much more the process holds at that moment than before. */
  heldBytes: number;
}

const HOUR_S = 3_600;
/** Seconds that the destination works afterwards; with a spool, until that is empty. */
const DRAIN_S = 30;
const KEY = 'destination';

/** An hour of events, then half a minute in which the destination works, and longer while a spool is read. */
export async function runHour({
  timers,
  events,
  delivery = {},
  dataDir,
  random,
  ...run
}: HourRun): Promise<HourResult> {
  let { isDown } = run;
  const heldBefore = heldBytes();
  const collector = createCollector(events, () => {
    if (isDown) throw new RetryableError('nobody is there', { isUnreachable: true });
  });
  const host = createTestHost({
    config: { environment: 'production', ...(dataDir !== undefined && { dataDir }) },
    plugins: { [KEY]: { plugin: collector.plugin, delivery } },
    random,
  });
  await host.start();
  const counts = () => host.obs.diagnostics().plugins[KEY]!;
  const mix = createMix(host.obs);
  // On both clocks: that of the test, and that of the disk.
  const turn = async () => {
    await timers.tickAsync(1);
    await setImmediate();
  };
  for (let second = 1, count = 0; second <= HOUR_S; second++) {
    for (; count < (events * second) / HOUR_S; count++) mix.emit();
    await timers.tickAsync(1_000);
    if (dataDir !== undefined) await written(counts, turn);
  }
  const during = counts();
  const held = heldBytes() - heldBefore;
  isDown = false;
  await timers.tickAsync(DRAIN_S * 1_000);
  while (dataDir !== undefined && spooled(counts()) > 0) await turn();
  const after = counts();
  return { mix, collector, during, after, heldBytes: held };
}

/** The clock stands still until the disk, which knows no other clock than its own, has what it was given. */
async function written(counts: () => PluginDiagnostics, turn: () => Promise<void>): Promise<void> {
  const waits = () => Object.values(counts().signals).some(({ queued, inFlight }) => queued + inFlight > 512);
  while (waits()) await turn();
}

function spooled({ signals }: PluginDiagnostics): number {
  return Object.values(signals).reduce((sum, counts) => sum + counts.spooled, 0);
}
