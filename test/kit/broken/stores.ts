import { definePlugin, type EventOf, isObsError, type Plugin, SIGNALS } from '../../../core/index.ts';
import { MemoryStore } from '../../../plugins/memory/index.ts';
import { type StoreCase, storeCases } from '../index.ts';

/** A store in memory that is opened again by its directory, and knows when a later release has written it. */
class KeptStore extends MemoryStore {
  isNewer = false;
  override async init(): Promise<void> {
    if (this.isNewer) throw new Error('a later release wrote this');
  }
}

/** Changes a sound store, so that one thing is wrong with it. */
export type Flaw = (store: KeptStore) => void;

type Log = EventOf['logs'];
type Method = (...args: unknown[]) => Promise<unknown>;

/** Timers of stores that leave some open; for the test to stop. */
export const leaks: NodeJS.Timeout[] = [];

/** The cases of a store with these flaws. */
export function casesWith(flaws: readonly Flaw[]): StoreCase[] {
  const kept = new Map<string, KeptStore>();
  const storeIn = (directory: string): KeptStore => {
    const known = directory === '.' ? undefined : kept.get(directory);
    const store = known ?? new KeptStore();
    if (!known) for (const flaw of flaws) flaw(store);
    kept.set(directory, store);
    return store;
  };
  const use = (directory: string) => pluginOf(() => storeIn(directory))();
  return storeCases({
    use,
    reopen: use,
    makeNewer(directory) {
      kept.get(directory)!.isNewer = true;
    },
  });
}

function pluginOf(store: () => MemoryStore): Plugin {
  return definePlugin({
    name: 'flawed',
    apiVersion: 1,
    kind: 'store',
    signals: SIGNALS,
    apply: (host) => host.registerStore(store()),
  }) as unknown as Plugin;
}

/** Answers a query otherwise than it should. */
function answering(
  method: string,
  change: (
    answer: Record<string, unknown> | null,
    args: Record<string, unknown>,
    store: KeptStore,
  ) => unknown,
): Flaw {
  return (store) => {
    const methods = store as unknown as Record<string, Method>;
    const sound = methods[method]!.bind(store);
    methods[method] = async (args = {}) => change((await sound(args)) as never, args as never, store);
  };
}

/** Writes logs otherwise than it should. */
function writing(change: (log: Log) => Log | undefined): Flaw {
  return (store) => {
    const sound = store.batchCreateLogs.bind(store);
    store.batchCreateLogs = ({ records }) => sound({ records: records.flatMap((log) => change(log) ?? []) });
  };
}

const jsonOf = ({ record }: Log) => (record.data as { json?: unknown } | undefined)?.json;
const withJson = (log: Log, json: unknown): Log => ({
  ...log,
  record: { ...log.record, data: { ...(log.record.data as object), json } },
});

/** What is wrong with how stores write and live, by the checks that fail. */
export const BROKEN_WRITES: Readonly<Record<string, Flaw>> = {
  'write.equal.logs': writing(({ scope: _, ...log }) => log),
  // Knows only what is being written in this very moment.
  'write.replay.logs': (store) => {
    const recent = new Set<string>();
    const old = new Set<string>();
    const repeats: Log[] = [];
    const [write, list] = [store.batchCreateLogs.bind(store), store.listLogs.bind(store)];
    store.batchCreateLogs = ({ records }) => {
      for (const log of records) {
        if (old.has(log.id) && !recent.has(log.id)) repeats.push(log);
        recent.add(log.id);
      }
      queueMicrotask(() => {
        for (const { id } of records) if (recent.delete(id)) old.add(id);
      });
      return write({ records });
    };
    store.listLogs = async (...args) => {
      const page = await list(...args);
      return { ...page, logs: [...page.logs, ...repeats] };
    };
  },
  // Drops what is late by a second or some.
  'write.order.logs': (store) => {
    let newest = 0;
    writing((log) => {
      const lateMicro = newest - log.timeUnixMicro;
      newest = log.timeUnixMicro;
      return lateMicro > 500_000 && lateMicro < 5_000_000 ? undefined : log;
    })(store);
  },
  'write.texts.logs': writing((log) => {
    const message = log.record.message.replaceAll('\0', '');
    return { ...log, record: { ...log.record, message } };
  }),
  'write.empty.logs': writing((log) => (jsonOf(log) === null ? withJson(log, '') : log)),
  'write.numbers.logs': writing((log) => {
    const { text } = (jsonOf(log) ?? {}) as { text?: string };
    return text !== undefined && /^\d{19}$/.test(text) ? withJson(log, { text: String(Number(text)) }) : log;
  }),
  'write.times.logs': writing((log) =>
    log.timeUnixMicro < 0 ? { ...log, timeUnixMicro: 0, timestamp: new Date(0) } : log,
  ),
  'write.huge.logs': writing((log) => {
    const json = jsonOf(log);
    return typeof json === 'string' && json.length > 500_000 ? withJson(log, json.slice(0, 500_000)) : log;
  }),
  // Who writes while another one does loses everything.
  'write.concurrent.logs': (store) => {
    let writers = 0;
    const sound = store.batchCreateLogs.bind(store);
    store.batchCreateLogs = async (args) => {
      const isAlone = ++writers === 1;
      await new Promise((resolve) => setImmediate(resolve));
      writers--;
      return isAlone ? sound(args) : { rejected: [] };
    };
  },
  // Takes no span before its parent.
  'write.rootless.tracing.realtime': (store) => {
    const sound = store.updateSpan.bind(store);
    store.updateSpan = async (change) => {
      const { traceId, updates } = change;
      const { parentSpanId } = updates;
      const isKnown = !parentSpanId || (await store.getSpan({ traceId, spanId: parentSpanId }));
      if (isKnown) await sound(change);
    };
  },
  // Loses judgements once their trace is there.
  'write.late.scores': answering('listScores', (page, { filters }, store) => {
    const { traceId, ...others } = (filters ?? {}) as { traceId?: string };
    if (traceId === undefined || Object.keys(others).length > 0) return page;
    return store.getTrace({ traceId }).then((trace) => (trace ? { ...page, scores: [] } : page));
  }),
  'whole.cascade.batchDeleteTraces': (store) => {
    store.batchDeleteTraces = async () => {};
  },
  'whole.cascade.dangerouslyClearAll': (store) => {
    store.dangerouslyClearAll = async () => {};
  },
  'whole.twice.init-close': (store) => {
    let closes = 0;
    const sound = store.close.bind(store);
    store.close = async () => {
      if (++closes > 2) throw new Error('it was closed already');
      await sound();
    };
  },
  'whole.handles.init-close': (store) => {
    const sound = store.init.bind(store);
    store.init = async () => {
      leaks.push(setInterval(() => {}, 1_000));
      await sound();
    };
  },
  'whole.reopen.init-close': (store) => {
    const clear = MemoryStore.prototype.dangerouslyClearAll.bind(store);
    const sound = store.close.bind(store);
    store.close = async () => {
      await sound();
      await clear();
    };
  },
  'whole.newer.init': (store) => {
    Object.defineProperty(store, 'isNewer', { get: () => false, set() {} });
  },
};

const LISTS = ['listTraces', 'listThreads', 'listMetrics', 'listLogs', 'listScores', 'listFeedback'];
const OF_TRACE = ['getSpan', 'getSpans', 'getRootSpan', 'getTrace', 'getStructure', 'getBranch'];

/** A page whose total is one too high; only the checks of pages give an order. */
const miscounting: Parameters<typeof answering>[1] = (page, { orderBy }) => {
  const { total, ...rest } = page!['pagination'] as { total: number };
  return orderBy ? { ...page, pagination: { ...rest, total: total + 1 } } : page;
};

/** What follows a cursor lacks its first record. */
const skipping: Parameters<typeof answering>[1] = (page, { pagination }) => {
  const [name, records] = Object.entries(page ?? {}).find(([, value]) => Array.isArray(value)) as [
    string,
    unknown[],
  ];
  return (pagination as { after?: string } | undefined)?.after ? { ...page, [name]: records.slice(1) } : page;
};

/** Nothing is known of the traces that only the checks of traces have. */
const forgetting: Parameters<typeof answering>[1] = (answer) =>
  JSON.stringify(answer).includes('tool_call') ? null : answer;

/** What is wrong with the answers of stores, by the checks that fail. */
export function brokenReads(ids: readonly string[]): Record<string, Flaw> {
  return Object.fromEntries(ids.map((id) => [id, flawOf(id)]));
}

function flawOf(id: string): Flaw {
  const [, method = '', check] = id.split('.');
  if (check === 'refused') return unrefusing;
  if (LISTS.includes(method)) return answering(method, check === 'cursor' ? skipping : miscounting);
  if (OF_TRACE.includes(method)) return answering(method, forgetting);
  return answering(method, (answer) => ({ ...answer, more: true, hasGap: true }));
}

/** An unknown filter is passed over. */
function unrefusing(store: KeptStore): void {
  const sound = store.listTraces.bind(store);
  store.listTraces = (...args) =>
    sound(...args).catch((error) => {
      if (isObsError(error)) return sound();
      throw error;
    });
}
