import assert from 'node:assert/strict';
import type { Signal } from '../../../core/index.ts';
import { type ConformanceCase, caseOf } from '../conformance.ts';
import type { Destination } from '../destination.ts';
import { assertSameIds, deliver, settledCounts, whileRunning } from './run.ts';
import { absence, type ExporterSubject, eventsFor } from './subject.ts';

const COUNT = 5;

/**
 * The destination takes what it is sent, and the answer is lost. Either the same events come again under the same ids, so
 * that it can know them, and count as delivered; or they do not come again and count as ambiguous.
 */
export function redeliveryCases<D extends Destination>(
  subject: ExporterSubject<D>,
  signal: Signal,
): ConformanceCase[] {
  const sentence = 'what may have arrived is repeated under the same ids, or counted and not repeated';
  return [
    caseOf(`redelivery.${signal}`, sentence, absence(subject, 'ambiguous'), () =>
      whileRunning(subject, async (running) => {
        const { events, ids } = eventsFor(subject, signal, COUNT);
        subject.destination.ambiguous?.(running.destination);
        await deliver(running, events);
        const { delivered, dropped } = settledCounts(running, signal);
        const { ambiguous = 0, ...others } = dropped;
        assert.deepEqual(others, {}, 'events were dropped');
        const taken = running.destination.taken();
        assertSameIds([...new Set(taken)], ids, 'other ids arrived than were emitted');
        assert.equal(delivered + ambiguous, COUNT, 'events are neither delivered nor ambiguous');
        if (redeliveryOf(subject, running.destination, signal) === 'unsafe')
          assertSameIds(taken, ids, 'an event came twice, which the manifest calls unsafe');
      }),
    ),
  ];
}

/** What the manifest says of a signal, or the exporter that it registers. */
function redeliveryOf<D extends Destination>({ redelivery, use }: ExporterSubject<D>, at: D, signal: Signal) {
  return redelivery?.[signal] ?? use(at).use.redelivery ?? 'safe';
}
