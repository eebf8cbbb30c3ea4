import assert from 'node:assert/strict';
import type { Signal } from '../../../core/index.ts';
import { applyPlugin } from '../applied-plugin.ts';
import { type ConformanceCase, caseOf } from '../conformance.ts';
import type { Destination } from '../destination.ts';
import { leftOpen, openResources } from '../watched.ts';
import { deliver, whileRunning } from './run.ts';
import { absence, type ExporterSubject, eventsFor } from './subject.ts';

type Step = 'start' | 'flush' | 'shutdown';

/** Without a start, with one in any place, and everything twice. */
const ORDERS: readonly (readonly Step[])[] = [
  ['shutdown'],
  ['flush', 'shutdown'],
  ['shutdown', 'flush', 'shutdown'],
  ['start', 'shutdown'],
  ['start', 'flush', 'shutdown'],
  ['start', 'flush', 'flush', 'shutdown', 'shutdown'],
  ['start', 'shutdown', 'flush', 'shutdown', 'flush'],
  ['flush', 'start', 'shutdown'],
  ['start', 'start', 'flush', 'shutdown'],
];
const STEP_MS = 5_000;
const DEADLINE_MS = 100;

/** The life of a plugin: `lifecycle.*`. */
export function lifecycleCases<D extends Destination>(subject: ExporterSubject<D>): ConformanceCase[] {
  const [signal] = subject.signals as readonly [Signal, ...Signal[]];
  return [
    caseOf(
      'lifecycle.orders',
      'start, flush and shutdown do no harm in any order, also twice',
      undefined,
      async () => {
        for (const order of ORDERS) await runInOrder(subject, order);
      },
    ),
    caseOf(
      'lifecycle.deadline',
      'a shutdown ends by its deadline while a send has no answer',
      absence(subject, 'slow'),
      () =>
        whileRunning(subject, async ({ obs, ingest, destination }) => {
          subject.destination.slow?.(destination);
          await ingest(eventsFor(subject, signal, 3).events);
          const begin = performance.now();
          await obs.shutdown({ deadlineMs: DEADLINE_MS });
          const tookMs = performance.now() - begin;
          assert.ok(
            tookMs < DEADLINE_MS + 1_000,
            `it took ${Math.round(tookMs)} ms instead of ${DEADLINE_MS}`,
          );
        }),
    ),
    caseOf('lifecycle.silence', 'nothing is sent after a shutdown', undefined, () =>
      whileRunning(subject, async (running) => {
        const { obs, ingest, destination } = running;
        await deliver(running, eventsFor(subject, signal, 3).events);
        await obs.shutdown();
        const before = destination.arrivals();
        await ingest(eventsFor(subject, signal, 3).events).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 40));
        assert.equal(destination.arrivals(), before, 'something arrived after the shutdown');
      }),
    ),
    caseOf(
      'lifecycle.handles',
      'no timer, socket or file is left open by a shutdown',
      undefined,
      async () => {
        const before = await openResources();
        await whileRunning(subject, (running) => deliver(running, eventsFor(subject, signal, 3).events));
        assert.deepEqual(await leftOpen(before), []);
      },
    ),
  ];
}

async function runInOrder<D extends Destination>(
  subject: ExporterSubject<D>,
  order: readonly Step[],
): Promise<void> {
  const destination = await subject.destination.start();
  const applied = await applyPlugin(subject.use(destination));
  try {
    for (const [index, step] of order.entries()) {
      const place = `${order.slice(0, index + 1).join(', ')}: the last step`;
      await inTime(applied[step](), place);
    }
  } finally {
    await destination.close();
    applied.remove();
  }
}

async function inTime(step: Promise<void>, place: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${place} took longer than ${STEP_MS} ms`)), STEP_MS);
  });
  try {
    await Promise.race([step, late]);
  } catch (error) {
    throw new Error(`${place} failed`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}
