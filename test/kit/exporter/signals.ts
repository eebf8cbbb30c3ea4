import assert from 'node:assert/strict';
import { type AppliedPlugin, applyPlugin } from '../applied-plugin.ts';
import { type ConformanceCase, caseOf } from '../conformance.ts';
import type { Destination } from '../destination.ts';
import { moreThan, openResources } from '../watched.ts';
import type { ExporterSubject } from './subject.ts';

/** What a plugin says it takes, and what it does in `apply`: `signals.*`. */
export function signalCases<D extends Destination>(subject: ExporterSubject<D>): ConformanceCase[] {
  const check = (
    what: string,
    sentence: string,
    run: (applied: AppliedPlugin, at: D) => void | Promise<void>,
  ) =>
    caseOf(`signals.${what}`, sentence, undefined, async () => {
      const destination = await subject.destination.start();
      const before = await openResources();
      const applied = await applyPlugin(subject.use(destination));
      try {
        assert.deepEqual(
          await moreThan(before),
          [],
          'apply() left something open: I/O and timers begin in the start hook',
        );
        await run(applied, destination);
      } finally {
        await applied.shutdown();
        await destination.close();
        applied.remove();
      }
    });
  return [
    check('declared', 'it taps the signals that the manifest declares, and no others', ({ tapped }) => {
      assert.deepEqual([...tapped].sort(), [...subject.signals].sort());
    }),
  ];
}
