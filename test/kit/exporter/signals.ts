import assert from 'node:assert/strict';
import type { PluginUse } from '../../../core/index.ts';
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
    run: (applied: AppliedPlugin, use: PluginUse) => Promise<void>,
  ) =>
    caseOf(`signals.${what}`, sentence, undefined, async () => {
      const destination = await subject.destination.start();
      const use = subject.use(destination);
      const before = await openResources();
      const applied = await applyPlugin(use);
      try {
        if (what === 'idle') assert.deepEqual(await moreThan(before), [], 'apply() left something open');
        await run(applied, use);
      } finally {
        await applied.shutdown();
        await destination.close();
        applied.remove();
      }
    });
  return [
    check(
      'declared',
      'it taps the signals that the manifest declares, and no others',
      async ({ tapped }, { use }) => {
        assert.deepEqual(
          [...tapped].sort(),
          [...subject.signals].sort(),
          'it taps other signals than the subject says',
        );
        assert.deepEqual(
          [...use.signals].sort(),
          [...subject.signals].sort(),
          'the manifest declares others',
        );
      },
    ),
    check('idle', 'apply() opens nothing: I/O and timers begin in the start hook', async () => {}),
  ];
}
