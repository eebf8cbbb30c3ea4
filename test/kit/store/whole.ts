import assert from 'node:assert/strict';
import { hintOf, implementsMethod, type ObservabilityStorage, SIGNALS } from '../../../core/index.ts';
import { applyPlugin } from '../applied-plugin.ts';
import { leftOpen, openResources } from '../watched.ts';
import { inDirectory, type Opened, whileOpen, withStore } from './opened.ts';
import { sample } from './samples.ts';
import { assertStored, recordOf, storedOf } from './stored.ts';
import type { StoreSubject } from './subject.ts';

/** A check of the store as a whole. */
export interface WholeCheck {
  method: string;
  check: string;
  sentence: string;
  skip?: string | undefined;
  run(): Promise<void>;
}

/** The checks of deletion and of the life of a store. */
export function wholeChecks(subject: StoreSubject): WholeCheck[] {
  const { reopen, makeNewer } = subject;
  const noReopen = reopen ? undefined : 'the subject says no way to open it again';
  return [
    {
      method: 'batchDeleteTraces',
      check: 'cascade',
      sentence: 'a trace goes with all that belongs to it, and nothing else',
      run: () => withStore(subject, deleteTrace),
    },
    {
      method: 'dangerouslyClearAll',
      check: 'cascade',
      sentence: 'everything goes, and the store goes on',
      run: () => withStore(subject, clear),
    },
    {
      method: 'init, close',
      check: 'twice',
      sentence: 'opening and closing may be repeated',
      run: () => inDirectory((directory) => openTwice(subject, directory)),
    },
    {
      method: 'init, close',
      check: 'handles',
      sentence: 'no timer, thread or file is left open when it is closed',
      async run() {
        const before = await openResources();
        await withStore(subject, ({ write }) => write([sample('tracing')]));
        assert.deepEqual(await leftOpen(before), []);
      },
    },
    {
      method: 'init, close',
      check: 'reopen',
      sentence: 'what was written is there when it is opened again',
      skip: noReopen,
      run: () => inDirectory((directory) => openAgain(reopen!(directory))),
    },
    {
      method: 'init',
      check: 'newer',
      sentence: 'what a later release wrote is refused and not touched',
      skip: noReopen ?? (makeNewer ? undefined : 'the subject says no way to make it newer'),
      run: () => inDirectory((directory) => openNewer(subject, directory)),
    },
  ];
}

async function deleteTrace({ write, store }: Opened): Promise<void> {
  const [gone, kept] = [sample('tracing').exportedSpan, sample('tracing').exportedSpan];
  const linked = (traceId: string) =>
    (['metrics', 'logs', 'scores', 'feedback'] as const).map((signal) => sample(signal, { traceId }));
  const [withGone, withKept] = [linked(gone.traceId), linked(kept.traceId)];
  const ended = [gone, kept].map((exportedSpan) => ({ type: 'span.ended' as const, exportedSpan }));
  await write([...ended, ...withGone, ...withKept]);
  await store.batchDeleteTraces({ traceIds: [gone.traceId, 'unknown'] });
  assert.equal(await store.getTrace({ traceId: gone.traceId }), null, 'the trace is still there');
  await assertStored(store, 'tracing', [kept]);
  for (const event of withKept) {
    const signal = { metric: 'metrics', log: 'logs', score: 'scores', feedback: 'feedback' } as const;
    await assertStored(store, signal[event.type], [event]);
  }
}

async function clear({ write, store }: Opened): Promise<void> {
  const before = SIGNALS.map((signal) => sample(signal));
  await write(before);
  await store.dangerouslyClearAll();
  for (const [index, signal] of SIGNALS.entries())
    assert.deepEqual(
      await storedOf(store, signal, [recordOf(before[index]!)]),
      [],
      `${signal} are still there`,
    );
  const after = sample('tracing');
  await write([after]);
  await assertStored(store, 'tracing', [after.exportedSpan]);
}

async function openTwice(subject: StoreSubject, directory: string): Promise<void> {
  const applied = await applyPlugin(subject.use(directory));
  const store = applied.stores[0]!;
  try {
    await store.close();
    await store.init();
    await store.init();
    assert.deepEqual(await store.getTrace({ traceId: 'unknown' }), null);
  } finally {
    await store.close();
    await store.close();
    applied.remove();
  }
}

async function openAgain(use: ReturnType<StoreSubject['use']>): Promise<void> {
  const events = SIGNALS.map((signal) => sample(signal));
  await whileOpen(use, ({ write }) => write(events));
  await whileOpen(use, async ({ write, store }) => {
    await write([]);
    await write(events);
    for (const [index, signal] of SIGNALS.entries())
      await assertStored(store, signal, [recordOf(events[index]!)]);
  });
}

async function openNewer({ reopen, makeNewer }: StoreSubject, directory: string): Promise<void> {
  await whileOpen(reopen!(directory), ({ write }) => write([sample('tracing')]));
  await makeNewer!(directory);
  const applied = await applyPlugin(reopen!(directory));
  const store = applied.stores[0]!;
  try {
    await assert.rejects(store.init(), 'it was opened');
  } finally {
    await store.close();
    applied.remove();
  }
}

/** The problems of what a store claims: every strategy has its methods, and the preferred one is among them. */
export function hintProblems(store: ObservabilityStorage): string[] {
  return SIGNALS.flatMap((signal) => {
    const hint = hintOf(store, signal);
    if (!hint) return [];
    const isAmong = hint.supported.includes(hint.preferred as never);
    const missing = hint.supported.flatMap((strategy) =>
      methodsOf(signal, strategy).filter((method) => !implementsMethod(store, method as never)),
    );
    return [
      ...(isAmong ? [] : [`${signal}: "${hint.preferred}" is preferred and not supported`]),
      ...missing.map((method) => `${signal}: ${method}() is missing`),
    ];
  });
}

/** The methods that a strategy calls. */
export function methodsOf(signal: string, strategy: string): string[] {
  if (signal !== 'tracing') return [`batchCreate${signal[0]!.toUpperCase()}${signal.slice(1)}`];
  if (strategy === 'realtime') return ['createSpan', 'updateSpan'];
  return strategy === 'insert-only' ? ['batchCreateSpans'] : ['batchCreateSpans', 'batchUpdateSpans'];
}
