import assert from 'node:assert/strict';
import {
  hintOf,
  implementsMethod,
  type ObservabilityStorage,
  SIGNALS,
  type Signal,
  type StorageStrategy,
} from '../../../core/index.ts';
import { applyPlugin, applyTo } from '../applied-plugin.ts';
import { caseOf } from '../conformance.ts';
import { manifestCases } from '../manifest-cases.ts';
import { inDirectory, withStore } from './opened.ts';
import { READ_CHECKS, theSeeds } from './reads.ts';
import { createSharedStores, type SharedStores } from './shared.ts';
import type { StoreCase, StoreSubject } from './subject.ts';
import { hintProblems, methodsOf, wholeChecks } from './whole.ts';
import { WRITE_CHECKS } from './writes.ts';

export type { StoreCase, StoreSubject } from './subject.ts';

/**
 * The checks of a store, as a matrix of method, strategy and case. What each guarantees:
 *
 * - `manifest.*`: options are described, defaults are valid, unknown options are refused, secrets are marked;
 * - `hints.methods`: every strategy that a hint claims has its methods;
 * - `write.<check>.<signal>.<strategy>`: through a host that uses this strategy, what goes in comes out equal: repeated, in
 *   any order, with odd texts, nothing, exact numbers and times, huge fields, many writers, without a root, before its trace;
 * - `read.<method>.<check>`: the answers are those of the plain reference, the store `memory`: filters, pages, orders and
 *   totals of lists, cursors, traces of every shape, aggregates, discovery, statistics, changes;
 * - `whole.<check>.<method>`: deletion takes all that belongs together; opening, closing, opening again, and what a later
 *   release wrote.
 *
 * A query that the store does not implement is a check that is skipped, not a failure.
 * @throws what `apply` or the options are refused for: the checks are made from the hints.
 */
export function storeCases(subject: StoreSubject): StoreCase[] {
  const { store, signals } = lookAt(subject);
  const shared = createSharedStores(subject);
  const cases = [
    ...manifestCases({ ...subject, use: () => subject.use('.') }).map((one) => whole(one, 'manifest', '-')),
    whole(
      caseOf('hints.methods', 'every strategy that a hint claims has its methods', undefined, () =>
        inDirectory(async (directory) => {
          const applied = await applyPlugin(subject.use(directory));
          assert.deepEqual(applied.stores.flatMap(hintProblems), []);
          applied.remove();
        }),
      ),
      'hints',
      '-',
    ),
    ...signals.flatMap((signal) =>
      (hintOf(store, signal)?.supported ?? []).flatMap((strategy) => writeCases(shared, signal, strategy)),
    ),
    ...READ_CHECKS.map(({ method, check, sentence, isAlone, run }) => {
      const skip = answers(store, method) ? undefined : `the store does not implement ${method}()`;
      const one = caseOf(`read.${method}.${check}`, sentence, skip, () =>
        isAlone
          ? withStore(subject, run)
          : shared.use('read', run, { prepare: ({ write }) => write(theSeeds().all) }),
      );
      return { ...one, method, strategy: '-', check };
    }),
    ...wholeChecks(subject).map(({ method, check, sentence, skip, run }) => {
      const id = `whole.${check}.${method.replace(', ', '-')}`;
      const missing =
        method.includes('init') || answers(store, method) ? skip : `the store does not implement ${method}()`;
      return { ...caseOf(id, sentence, missing, run), method, strategy: '-', check };
    }),
  ];
  return cases.map((one) => {
    const skip = one.skip ?? subject.skip?.[one.id];
    return skip === undefined ? one : { ...one, skip, run: async () => {} };
  });
}

function writeCases(shared: SharedStores, signal: Signal, strategy: StorageStrategy): StoreCase[] {
  return WRITE_CHECKS.filter(({ signals = SIGNALS }) => signals.includes(signal)).map(
    ({ check, sentence, run }) => {
      const one = caseOf(`write.${check}.${signal}.${strategy}`, sentence, undefined, () =>
        shared.use(`${signal} ${strategy}`, (opened) => run({ ...opened, signal, strategy }), {
          strategy: { [signal]: strategy },
        }),
      );
      return { ...one, method: methodsOf(signal, strategy).join(', '), strategy, check };
    },
  );
}

/** The store that the plugin registers, before it is opened, and the signals that it has hints for. */
function lookAt(subject: StoreSubject): { store: ObservabilityStorage; signals: Signal[] } {
  const applied = applyTo(subject.use('.'));
  applied.remove();
  const [store] = applied.stores;
  assert.ok(store, 'the plugin registers no store');
  return { store, signals: SIGNALS.filter((signal) => hintOf(store, signal)) };
}

/** Its own method, or `query`, which answers all of them. */
function answers(store: ObservabilityStorage, method: string): boolean {
  return (
    implementsMethod(store, method as never) ||
    ((method.startsWith('get') || method.startsWith('list')) && implementsMethod(store, 'query' as never))
  );
}

function whole(
  one: Omit<StoreCase, 'method' | 'strategy' | 'check'>,
  method: string,
  strategy: string,
): StoreCase {
  return { ...one, method, strategy, check: one.id.split('.').at(-1)! };
}
