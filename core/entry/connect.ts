import type { DeliverOptions, PartialResult, Send } from '../contract/send.ts';
import {
  hintOf,
  implementsMethod,
  type ObservabilityStorage,
  type StorageStrategy,
  type StrategyHint,
} from '../contract/store.ts';
import type { DeliveryOptions } from '../delivery/options.ts';
import { failureKind } from '../delivery/outcome.ts';
import type { DeliveryPlan } from '../delivery/parts.ts';
import { messageOf, ObsError } from '../errors.ts';
import { type EventOf, SIGNALS, type Signal } from '../signals/index.ts';
import type { TracingEvent } from '../signals/tracing.ts';
import { nextTurn } from '../turns.ts';
import { changeOf, type Folded, foldSpans } from './fold.ts';

/** The strategy chosen for one signal of a store, and why. */
export interface ChosenStrategy {
  signal: Signal;
  strategy: StorageStrategy;
  hint: StrategyHint;
  why: 'preferred by the store' | 'set in the config';
}

/** How the events of one signal reach a store. */
export interface StorePlacement extends DeliverOptions {
  /** What the strategy fixes, whatever the config says. */
  forced: DeliveryOptions;
  plan: DeliveryPlan;
}

/** Places one delivery to the store. */
export type PlaceDelivery = <S extends Signal>(
  signal: S,
  send: Send<EventOf[S]>,
  placement: StorePlacement,
) => void;

/**
 * What stores ask of the delivery; the `delivery` block of an entry wins. A store may pause for seconds, as for a
 * checkpoint, so more waits than for an exporter; whoever looks into it wants to see what happened just now.
 */
const STORE_DELIVERY: DeliveryOptions = {
  maxItems: 2_048,
  maxDelayMs: 250,
  queueItems: 65_536,
  queueBytes: 48_000_000,
};
/** The start of a span waits this long for its end: most spans are then written once, and a crash shows the others. */
const HOLD_MS = 2_000;
/** A store that keeps the order of its calls need not be waited for. */
const PIPELINED = 2;

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
  for (const { signal, strategy, hint } of chosen) {
    const placement = placementOf(strategy, hint);
    switch (signal) {
      case 'tracing':
        placeTracing(store, strategy, placement, place);
        break;
      case 'metrics':
        place('metrics', async (records) => store.batchCreateMetrics({ records }), placement);
        break;
      case 'logs':
        place('logs', async (records) => store.batchCreateLogs({ records }), placement);
        break;
      case 'scores':
        place('scores', async (records) => store.batchCreateScores({ records }), placement);
        break;
      case 'feedback':
        place('feedback', async (records) => store.batchCreateFeedback({ records }), placement);
        break;
    }
  }
}

/** Realtime: each event at once; with a pipelined store, what came during a write goes together in the next. */
function placementOf(strategy: StorageStrategy, { isPipelined = false }: StrategyHint): StorePlacement {
  const forced: DeliveryOptions =
    strategy !== 'realtime' ? {} : isPipelined ? { maxDelayMs: 0 } : { maxItems: 1 };
  const plan: DeliveryPlan = {
    maxInFlight: isPipelined && strategy !== 'realtime' ? PIPELINED : 1,
    holdMs: strategy === 'batch-with-updates' ? HOLD_MS : 0,
  };
  return { ...STORE_DELIVERY, forced, plan };
}

function placeTracing(
  store: ObservabilityStorage,
  strategy: StorageStrategy,
  placement: StorePlacement,
  place: PlaceDelivery,
): void {
  if (strategy === 'realtime') place('tracing', (batch) => writeSpanEvents(store, batch), placement);
  else if (strategy === 'insert-only') {
    const send: Send<TracingEvent> = async (batch) =>
      store.batchCreateSpans({ records: batch.map(({ exportedSpan }) => exportedSpan) });
    place('tracing', send, { ...placement, events: ['span.ended'] });
  } else place('tracing', (batch) => writeFolded(store, batch), placement);
}

/** Writes span events in their order, each by itself, without waiting in between; refusals are named by event. */
async function writeSpanEvents(
  store: ObservabilityStorage,
  batch: readonly TracingEvent[],
): Promise<PartialResult> {
  const written = await Promise.allSettled(batch.map((event) => writeSpanEvent(store, event)));
  const rejected: { index: number; reason: string }[] = [];
  written.forEach((result, index) => {
    if (result.status === 'fulfilled') return;
    if (batch.length === 1 || failureKind(result.reason) !== 'permanent') throw result.reason;
    rejected.push({ index, reason: messageOf(result.reason) });
  });
  return { rejected };
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
  // Folding takes milliseconds, and so does handing a large batch to a store.
  await nextTurn();
  const created = creates.length > 0 && store.batchCreateSpans({ records: creates.map(recordOf) });
  // Spans that are not known must come before their changes, unless the store keeps the order by itself.
  if (!store.tracingStrategy?.isPipelined) await created;
  const updated = updates.length > 0 && store.batchUpdateSpans({ records: updates.map(recordOf) });
  const [ofCreates, ofUpdates] = await Promise.all([created, updated]);
  return { rejected: [...rejectedEvents(creates, ofCreates), ...rejectedEvents(updates, ofUpdates)] };
}

const recordOf = <R>({ record }: Folded<R>): R => record;

/** A rejected record stands for all the events that were folded into it. */
function rejectedEvents(
  items: readonly Folded<unknown>[],
  result: PartialResult | void | false,
): { index: number; reason: string }[] {
  return ((result || undefined)?.rejected ?? []).flatMap(({ index, reason }) =>
    (items[index]?.events ?? []).map((event) => ({ index: event, reason })),
  );
}
