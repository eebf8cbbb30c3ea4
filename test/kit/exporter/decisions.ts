import assert from 'node:assert/strict';
import type { Signal } from '../../../core/index.ts';
import { type ConformanceCase, caseOf } from '../conformance.ts';
import { type Behaviour, type Destination, SHORT_MS } from '../destination.ts';
import { assertSameIds, deliver, type Running, settledCounts, whileRunning } from './run.ts';
import { absence, type ExporterSubject, eventsFor } from './subject.ts';

const COUNT = 7;

/** What is expected of one signal when its destination behaves in one way. */
interface Run<D extends Destination> extends Running<D> {
  subject: ExporterSubject<D>;
  signal: Signal;
  ids: readonly string[];
  counts: ReturnType<typeof settledCounts>;
}

/** Whatever the destination answers, every event of the signal is delivered once, or counted with its reason. */
export function decisionCases<D extends Destination>(
  subject: ExporterSubject<D>,
  signal: Signal,
): ConformanceCase[] {
  const { destination } = subject;
  const check = (
    what: string,
    sentence: string,
    behaviour: Behaviour | undefined,
    tell: (at: D, id: string) => void,
    expect: (run: Run<D>) => void,
  ) =>
    caseOf(`decision.${what}.${signal}`, sentence, absence(subject, behaviour), () =>
      whileRunning(
        subject,
        async (running) => {
          const { events, ids } = eventsFor(subject, signal, COUNT);
          tell(running.destination, ids[3]!);
          await deliver(running, events);
          const counts = settledCounts(running, signal);
          assert.equal(counts.accepted, COUNT, `${counts.accepted} of ${COUNT} events were accepted`);
          expect({ ...running, subject, signal, ids, counts });
        },
        what === 'slow' ? { timeoutMs: SHORT_MS } : {},
      ),
    );
  return [
    check('ok', 'all is delivered once', undefined, () => {}, expectAll),
    check(
      'retryable',
      'what cannot be taken now is delivered later',
      'retryable',
      (at) => destination.retryable?.(at),
      expectAll,
    ),
    check(
      'permanent',
      'what is refused for good costs itself alone, and is counted',
      'permanent',
      (at, id) => destination.permanent?.(at, id),
      expectAllButOne,
    ),
    check(
      'partial',
      'of a send that is taken in part the rest is counted and not sent again',
      'partial',
      (at, id) => destination.partial?.(at, id),
      expectAllButOne,
    ),
    check(
      'slow',
      'a send without an answer ends, and its events are delivered or counted',
      'slow',
      (at) => destination.slow?.(at),
      expectNoneUnsaid,
    ),
  ];
}

function expectAll<D extends Destination>({ destination, ids, counts }: Run<D>): void {
  assertSameIds(destination.taken(), ids, 'the destination holds other events than were emitted');
  assert.deepEqual(counts.dropped, {}, 'events were dropped');
}

function expectAllButOne<D extends Destination>({ destination, ids, counts }: Run<D>): void {
  const wanted = ids.filter((_, index) => index !== 3);
  assertSameIds(destination.taken(), wanted, 'the destination holds other events than it did not refuse');
  assert.deepEqual(counts.dropped, { rejected: 1 }, 'what was refused is not counted as rejected');
}

/** A repetition must be safe, or the events are counted as what may have arrived. */
function expectNoneUnsaid<D extends Destination>({ destination, counts }: Run<D>): void {
  const { ambiguous = 0, ...others } = counts.dropped;
  assert.deepEqual(others, {}, 'events were dropped');
  const taken = new Set(destination.taken());
  assert.equal(
    taken.size,
    COUNT - ambiguous,
    `${taken.size} were taken and ${ambiguous} are counted as ambiguous`,
  );
}
