import { expect } from 'chai';
import { droppedOf } from '../../core/delivery/counts.ts';
import type { PluginDiagnostics } from '../../core/diagnostics/diagnostics.ts';

/** Expects of each signal that what was accepted is somewhere, to the event. */
export function expectAccounted({ signals }: PluginDiagnostics): void {
  for (const [signal, counts] of Object.entries(signals)) {
    const { accepted, delivered, queued, inFlight, spooled } = counts;
    expect(delivered + queued + inFlight + spooled + droppedOf(counts), signal).to.equal(accepted);
  }
}
