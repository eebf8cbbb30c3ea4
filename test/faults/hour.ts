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
const KEY = 'destination';

/** An hour of events, then half a minute in which the destination works. */
export async function runHour({
  timers,
  events,
  delivery = {},
  random,
  ...run
}: HourRun): Promise<HourResult> {
  let { isDown } = run;
  const heldBefore = heldBytes();
  const collector = createCollector(events, () => {
    if (isDown) throw new RetryableError('nobody is there', { isUnreachable: true });
  });
  const host = createTestHost({
    config: { environment: 'production' },
    plugins: { [KEY]: { plugin: collector.plugin, delivery } },
    random,
  });
  await host.start();
  const mix = createMix(host.obs);
  for (let second = 1, count = 0; second <= HOUR_S; second++) {
    for (; count < (events * second) / HOUR_S; count++) mix.emit();
    await timers.tickAsync(1_000);
  }
  const during = host.obs.diagnostics().plugins[KEY]!;
  const held = heldBytes() - heldBefore;
  isDown = false;
  await timers.tickAsync(30_000);
  const after = host.obs.diagnostics().plugins[KEY]!;
  return { mix, collector, during, after, heldBytes: held };
}
