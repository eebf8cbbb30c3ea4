import type { PluginUse } from '../../../core/index.ts';
import type { ConformanceCase } from '../conformance.ts';
import type { Destination } from '../destination.ts';
import { manifestCases } from '../manifest-cases.ts';
import { decisionCases } from './decisions.ts';
import { isolationCases } from './isolation.ts';
import { lifecycleCases } from './lifecycle.ts';
import { redeliveryCases } from './redelivery.ts';
import { secretCases } from './secrets.ts';
import { signalCases } from './signals.ts';
import type { ExporterSubject } from './subject.ts';

export type { ExporterSubject } from './subject.ts';

/**
 * The checks of an exporter. What each guarantees:
 *
 * - `manifest.*`: options are described, defaults are valid, unknown options are refused, secrets are marked;
 * - `signals.*`: it taps what the manifest declares, and `apply` itself does nothing else;
 * - `decision.<what>.<signal>`: whatever the destination answers, every event is delivered once, or counted with its
 *   reason: ok, retryable, permanent, partial, slow;
 * - `redelivery.<signal>`: what may have arrived is repeated only as the manifest says, and under the same ids;
 * - `isolation.*`: events are not changed; a call that throws, rejects or rejects late hurts nobody else;
 * - `lifecycle.*`: start, flush and shutdown in every order, the deadline, nothing afterwards, no handle left;
 * - `secrets.canary`: no secret in diagnostics, warnings, logs or dead letters.
 */
export function exporterCases<D extends Destination>(subject: ExporterSubject<D>): ConformanceCase[] {
  const cases = [
    ...manifestCases({ ...subject, use: () => useOf(subject) }),
    ...signalCases(subject),
    ...subject.signals.flatMap((signal) => [
      ...decisionCases(subject, signal),
      ...redeliveryCases(subject, signal),
    ]),
    ...isolationCases(subject),
    ...lifecycleCases(subject),
    ...secretCases(subject),
  ];
  return cases.map((one) => {
    const skip = one.skip ?? subject.skip?.[one.id];
    return skip === undefined ? one : { ...one, skip, run: async () => {} };
  });
}

async function useOf<D extends Destination>({ destination, use }: ExporterSubject<D>): Promise<PluginUse> {
  const at = await destination.start();
  try {
    return use(at);
  } finally {
    await at.close();
  }
}
