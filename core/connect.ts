import { ObsError } from './errors.ts';
import { changeOf, type Folded, foldSpans } from './fold.ts';
import type { DeliverOptions, PartialResult, Send } from './plugin.ts';
import { type EventOf, SIGNALS, type Signal } from './signals/index.ts';
import type { TracingEvent } from './signals/tracing.ts';
import {
  hintOf,
  implementsMethod,
  type ObservabilityStorage,
  type StorageStrategy,
  type StrategyHint,
} from './store.ts';

/** The strategy chosen for one signal of a store, and why. */
export interface ChosenStrategy {
  signal: Signal;
  strategy: StorageStrategy;
  hint: StrategyHint;
  why: 'preferred by the store' | 'set in the config';
}

/** Places one delivery to the store. */
export type PlaceDelivery = <S extends Signal>(
  signal: S,
  send: Send<EventOf[S]>,
  options: DeliverOptions,
) => void;

/**
 * The switchboard: reads the hints of a store and chooses for each signal, before anything is placed. A `null` hint
 * means that the signal is not stored. All problems are collected in `problems`.
 */
export function chooseStrategies(
  store: ObservabilityStorage,
  wanted: Partial<Record<Signal, StorageStrategy>>,
  signals: readonly Signal[],
  problems: (signal: Signal, problem: ObsError) => void,
): ChosenStrategy[] {
  const chosen: ChosenStrategy[] = [];
  for (const signal of SIGNALS) {
    if (!signals.includes(signal)) continue;
    const hint = hintOf(store, signal);
    const asked = wanted[signal];
    const problem = strategyProblem(store, signal, hint, asked);
    if (problem) problems(signal, problem);
    else if (hint) {
      const why = asked ? 'set in the config' : 'preferred by the store';
      chosen.push({ signal, strategy: asked ?? hint.preferred, hint, why });
    }
  }
  return chosen;
}

function strategyProblem(
  store: ObservabilityStorage,
  signal: Signal,
  hint: StrategyHint | null,
  asked: StorageStrategy | undefined,
): ObsError | undefined {
  const name = store.constructor.name;
  if (!hint) {
    return (
      asked &&
      new ObsError('OBS_STORE_STRATEGY', `${name} does not store ${signal}, so "${asked}" cannot be set`)
    );
  }
  const strategy = asked ?? hint.preferred;
  if (!hint.supported.includes(strategy)) {
    const supported = hint.supported.join(', ');
    return new ObsError(
      'OBS_STORE_STRATEGY',
      `${name} does not support "${strategy}" for ${signal}, only: ${supported}`,
    );
  }
  const methods = METHODS[signal][strategy];
  if (!methods) {
    const known = Object.keys(METHODS[signal]).join(', ');
    const what = `${name} hints "${strategy}" for ${signal}, which knows only: ${known}`;
    return new ObsError('OBS_STORE_STRATEGY', what);
  }
  const missing = methods.filter((method) => !implementsMethod(store, method));
  if (missing.length === 0) return undefined;
  return new ObsError(
    'OBS_STORE_METHOD_MISSING',
    `${name} hints "${strategy}" for ${signal} but does not implement ${missing.join('(), ')}()`,
  );
}

type Methods = Partial<Record<StorageStrategy, readonly (keyof ObservabilityStorage)[]>>;
const one = (method: keyof ObservabilityStorage): Methods => ({ realtime: [method], batch: [method] });

/** The methods that each strategy calls. */
const METHODS: Record<Signal, Methods> = {
  tracing: {
    realtime: ['createSpan', 'updateSpan'],
    'batch-with-updates': ['batchCreateSpans', 'batchUpdateSpans'],
    'insert-only': ['batchCreateSpans'],
  },
  metrics: one('batchCreateMetrics'),
  logs: one('batchCreateLogs'),
  scores: one('batchCreateScores'),
  feedback: one('batchCreateFeedback'),
};

/** Places the taps of a store, as chosen. */
export function connectStore(
  store: ObservabilityStorage,
  chosen: readonly ChosenStrategy[],
  place: PlaceDelivery,
): void {
  for (const { signal, strategy } of chosen) {
    const options: DeliverOptions = strategy === 'realtime' ? { maxItems: 1 } : {};
    switch (signal) {
      case 'tracing':
        placeTracing(store, strategy, options, place);
        break;
      case 'metrics':
        place('metrics', async (records) => store.batchCreateMetrics({ records }), options);
        break;
      case 'logs':
        place('logs', async (records) => store.batchCreateLogs({ records }), options);
        break;
      case 'scores':
        place('scores', async (records) => store.batchCreateScores({ records }), options);
        break;
      case 'feedback':
        place('feedback', async (records) => store.batchCreateFeedback({ records }), options);
        break;
    }
  }
}

function placeTracing(
  store: ObservabilityStorage,
  strategy: StorageStrategy,
  options: DeliverOptions,
  place: PlaceDelivery,
): void {
  if (strategy === 'realtime') place('tracing', ([event]) => writeSpanEvent(store, event!), options);
  else if (strategy === 'insert-only') {
    const send: Send<TracingEvent> = async (batch) =>
      store.batchCreateSpans({ records: batch.map(({ exportedSpan }) => exportedSpan) });
    place('tracing', send, { ...options, events: ['span.ended'] });
  } else place('tracing', (batch) => writeFolded(store, batch), options);
}

/** Writes one span event as it comes: the first snapshot creates, later ones update. */
export async function writeSpanEvent(
  store: ObservabilityStorage,
  { exportedSpan: span }: TracingEvent,
): Promise<void> {
  if (span.seq === 1) await store.createSpan({ span });
  else await store.updateSpan(changeOf(span));
}

async function writeFolded(
  store: ObservabilityStorage,
  batch: readonly TracingEvent[],
): Promise<PartialResult> {
  const { creates, updates } = foldSpans(batch);
  const rejected: { index: number; reason: string }[] = [];
  if (creates.length > 0) {
    const result = await store.batchCreateSpans({ records: creates.map(({ record }) => record) });
    rejected.push(...rejectedEvents(creates, result));
  }
  if (updates.length > 0) {
    const result = await store.batchUpdateSpans({ records: updates.map(({ record }) => record) });
    rejected.push(...rejectedEvents(updates, result));
  }
  return { rejected };
}

/** A rejected record stands for all the events that were folded into it. */
function rejectedEvents(
  items: readonly Folded<unknown>[],
  result: PartialResult | void,
): { index: number; reason: string }[] {
  return (result?.rejected ?? []).flatMap(({ index, reason }) =>
    (items[index]?.events ?? []).map((event) => ({ index: event, reason })),
  );
}
