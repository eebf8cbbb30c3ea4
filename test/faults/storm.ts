import type { DeliveryOptions } from '../../core/delivery/options.ts';
import type { PluginDiagnostics } from '../../core/diagnostics/diagnostics.ts';
import { createTestHost } from '../kit/host.ts';
import { heldBytes } from './memory.ts';
import { type Collector, createCollector, createMix, type Mix } from './mix.ts';

/** More events than a destination takes. */
export interface StormRun {
  events: number;
  /** Events for each one that the destination takes meanwhile; 1 is no storm. */
  times: number;
  /** The `delivery` block of the entry. Default: none, so the defaults hold. */
  delivery?: DeliveryOptions;
}

/** What came of it. */
export interface StormResult {
  mix: Mix;
  collector: Collector;
  /** Just after each chunk of events. */
  during: PluginDiagnostics[];
  after: PluginDiagnostics;
  /** The most that the process held, beyond what it held before. */
  mostBytes: number;
}

const KEY = 'destination';
const BATCH = 512;
/** Where memory is looked at. */
const LOOKS = 8;

/** Emits in chunks of `times` batches; after each, the destination takes one batch of each signal. */
export async function runStorm({ events, times, delivery = {} }: StormRun): Promise<StormResult> {
  const heldBefore = heldBytes();
  const gate = createGate();
  const collector = createCollector(events, () => gate.pass());
  const host = createTestHost({
    config: { environment: 'production' },
    plugins: { [KEY]: { plugin: collector.plugin, delivery } },
  });
  await host.start();
  const mix = createMix(host.obs);
  const during: PluginDiagnostics[] = [];
  let mostBytes = 0;
  const chunk = BATCH * times;
  const lookEvery = Math.ceil(events / LOOKS / chunk);
  for (let count = 0, turn = 1; count < events; turn++) {
    for (const end = Math.min(events, count + chunk); count < end; count++) mix.emit();
    await new Promise((resolve) => setImmediate(resolve));
    gate.open();
    during.push(host.obs.diagnostics().plugins[KEY]!);
    if (turn % lookEvery === 0) mostBytes = Math.max(mostBytes, heldBytes() - heldBefore);
  }
  gate.leaveOpen();
  await host.obs.flush({ deadlineMs: 20_000 });
  const after = host.obs.diagnostics().plugins[KEY]!;
  await host.obs.shutdown({ deadlineMs: 1_000 });
  return { mix, collector, during, after, mostBytes };
}

/** Lets those pass who wait when it is opened. */
function createGate() {
  let waiting: (() => void)[] = [];
  let isOpen = false;
  const open = () => {
    for (const resolve of waiting.splice(0)) resolve();
    waiting = [];
  };
  return {
    pass: () => (isOpen ? undefined : new Promise<void>((resolve) => waiting.push(resolve))),
    open,
    leaveOpen() {
      isOpen = true;
      open();
    },
  };
}
