import assert from 'node:assert/strict';
import type { EventOf, Signal } from '../../../core/index.ts';
import { type ConformanceCase, caseOf } from '../conformance.ts';
import { type Breakage, type Destination, LATE_MS, SHORT_MS } from '../destination.ts';
import { uncaughtDuring } from '../watched.ts';
import { deliver, settledCounts, whileRunning } from './run.ts';
import { absence, type ExporterSubject, eventsFor } from './subject.ts';

const COUNT = 5;
const THROWS: Record<Breakage, string> = {
  sync: 'a call to the destination that throws',
  async: 'a call to the destination that rejects',
  late: 'a call to the destination that rejects when nobody waits for it any more',
};

/** A plugin hurts nobody else: `isolation.*`. */
export function isolationCases<D extends Destination>(subject: ExporterSubject<D>): ConformanceCase[] {
  const [signal] = subject.signals as readonly [Signal, ...Signal[]];
  const unchanged = caseOf(
    'isolation.unchanged',
    'events are not changed, not even deep inside',
    undefined,
    () =>
      whileRunning(subject, async (running) => {
        const events = subject.signals.flatMap((one): EventOf[Signal][] => eventsFor(subject, one, 6).events);
        const before = structuredClone(events);
        await deliver(running, events.map(deepFrozen));
        assert.deepEqual(events, before);
        assert.deepEqual(running.diagnostics().tapFailures, {}, 'a tap failed at frozen events');
        const { lastError } = running.diagnostics();
        assert.equal(lastError, undefined, `frozen events were not delivered at once: ${lastError?.message}`);
      }),
  );
  const throwing = (Object.keys(THROWS) as Breakage[]).map((how) =>
    caseOf(`isolation.${how}`, `${THROWS[how]} hurts nobody else`, absence(subject, 'breaking'), async () => {
      const uncaught = await uncaughtDuring(() =>
        whileRunning(
          subject,
          async (running) => {
            subject.destination.breaking?.(running.destination, how);
            const { events } = eventsFor(subject, signal, COUNT);
            await deliver(running, events);
            const { accepted } = settledCounts(running, signal);
            assert.equal(accepted, COUNT);
            assert.equal(running.beside(), COUNT, 'another plugin did not get all events');
            // What is late comes still.
            if (how === 'late') await new Promise((resolve) => setTimeout(resolve, LATE_MS));
          },
          { timeoutMs: SHORT_MS },
        ),
      );
      assert.deepEqual(uncaught, [], 'errors that nobody caught');
    }),
  );
  return [unchanged, ...throwing];
}

function deepFrozen<V>(value: V): V {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(Object.freeze(value))) deepFrozen(inner);
  return value;
}
