import type { EventOf, ExportedSpan, ObservabilityEvent, Signal } from '../../../core/index.ts';
import { exportedSpan, feedbackEvent, logEvent, metricEvent, scoreEvent } from '../events.ts';
import { createRandom, type Random } from '../random.ts';

/** 2026-01-02T03:04:05.678901Z */
export const START_MICRO = 1_767_323_045_678_901;
/** Records lie within this long after the start. */
export const SPREAD_MS = 40_000;
/** Values of which records have one or none; filters ask for them. */
export const WORDS = ['a', 'b', 'c'] as const;
export const TRACES = 30;

const EVENTS = 60;

/** Records to look for: the same for the same seed, apart from their ids. */
export interface Seeds {
  random: Random;
  spans: ExportedSpan[];
  events: { [S in Exclude<Signal, 'tracing'>]: EventOf[S][] };
  /** All of them as events, the spans as ended ones. */
  all: ObservabilityEvent[];
}

/** Traces of all shapes, and events of all signals. */
export function makeSeeds(seed: number): Seeds {
  const random = createRandom(seed);
  const spans = Array.from({ length: TRACES }, () => makeTrace(random)).flat();
  const list = <E>(make: () => E) => Array.from({ length: EVENTS }, make);
  const events = {
    metrics: list(() => makeMetric(random)),
    logs: list(() => logEvent({ ...about(random), record: logRecord(random) })),
    scores: list(() => scoreEvent({ ...about(random), score: scoreInput(random) })),
    feedback: list(() => feedbackEvent({ ...about(random), feedback: feedbackInput(random) })),
  };
  const ended = spans.map((exportedSpan) => ({ type: 'span.ended' as const, exportedSpan }));
  return { random, spans, events, all: [...ended, ...Object.values(events).flat()] };
}

const micro = ({ below }: Random) => START_MICRO + below(SPREAD_MS) * 1_000 + below(3);
const maybe = <V>({ chance }: Random, value: V): V | undefined => (chance(0.7) ? value : undefined);

function correlationOf(random: Random) {
  const word = () => maybe(random, random.one(WORDS));
  return defined({
    ...{ entityType: word(), entityName: word(), userId: word(), resourceId: word() },
    ...{ threadId: word(), environment: word(), serviceName: word(), source: word() },
  });
}

/** A root with children; a part of a trace whose root is elsewhere; several roots; a circle. */
function makeTrace(random: Random): ExportedSpan[] {
  const count = 1 + random.below(4);
  const shape = random.one(['root', 'root', 'root', 'remote', 'roots', 'circle'] as const);
  const spans: ExportedSpan[] = [];
  for (let n = 0; n < count; n++) {
    const parent = n === 0 ? undefined : spans[random.below(n)]!.id;
    const parentSpanId =
      shape === 'roots' ? undefined : (parent ?? (shape === 'root' ? undefined : 'f'.repeat(16)));
    spans.push(makeSpan(random, { parentSpanId, ...(spans[0] && { traceId: spans[0].traceId }) }));
  }
  if (shape === 'circle') spans[0]!.parentSpanId = spans.at(-1)!.id;
  return spans;
}

function makeSpan(
  random: Random,
  placed: { traceId?: string; parentSpanId: string | undefined },
): ExportedSpan {
  const startUnixMicro = micro(random);
  const status = random.one(['running', 'ok', 'ok', 'error'] as const);
  return exportedSpan({
    ...correlationOf(random),
    name: random.one(WORDS),
    type: random.one(['agent_run', 'tool_call'] as const),
    status,
    startUnixMicro,
    ...(status !== 'running' && { endUnixMicro: startUnixMicro + random.below(5_000) }),
    metadata: maybe(random, {
      tier: random.one(WORDS),
      level: random.below(3),
      isNew: random.chance(0.5),
      none: null,
    }),
    tags: maybe(
      random,
      [...WORDS].filter(() => random.chance(0.5)),
    ),
    input: maybe(random, { text: `Question "${random.one(WORDS)}" of many` }),
    attributes: maybe(random, {
      usage: { inputTokens: random.below(100), outputTokens: random.below(50) },
      cost: { total: random.below(8) / 4 },
    }),
    ...placed,
  });
}

function about(random: Random) {
  const timeUnixMicro = micro(random);
  const correlation = correlationOf(random);
  return {
    timeUnixMicro,
    ...(random.chance(0.8) && { correlation }),
    traceId: random.one(WORDS).repeat(32),
    spanId: random.one(WORDS).repeat(16),
  };
}

function makeMetric(random: Random): EventOf['metrics'] {
  return metricEvent({
    ...about(random),
    name: random.one(['tokens', 'latency']),
    metricType: random.one(['counter', 'gauge', 'histogram'] as const),
    value: random.below(20) - 3,
    labels: defined({ model: maybe(random, random.one(WORDS)), name: maybe(random, random.one(WORDS)) }),
  });
}

function logRecord(random: Random): EventOf['logs']['record'] {
  return {
    level: random.one(['debug', 'info', 'warn', 'error'] as const),
    message: `Line ${random.one(WORDS)}`,
    data: { detail: `"${random.one(WORDS)}" quoted` },
  };
}

function scoreInput(random: Random): EventOf['scores']['score'] {
  const score = maybe(random, random.below(10));
  return defined({
    scorerId: random.one(WORDS),
    score,
    label: score === undefined ? random.one(WORDS) : maybe(random, random.one(WORDS)),
    reason: maybe(random, `because of ${random.one(WORDS)}`),
    source: maybe(random, random.one(WORDS)),
  }) as EventOf['scores']['score'];
}

function feedbackInput(random: Random): EventOf['feedback']['feedback'] {
  return defined({
    feedbackType: random.one(WORDS),
    value: random.chance(0.6) ? random.below(5) : random.one(WORDS),
    comment: `good ${random.one(WORDS)}`,
    userId: maybe(random, random.one(WORDS)),
    source: maybe(random, random.one(WORDS)),
  }) as EventOf['feedback']['feedback'];
}

function defined<R extends object>(record: R): { [K in keyof R]: Exclude<R[K], undefined> } {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as never;
}
