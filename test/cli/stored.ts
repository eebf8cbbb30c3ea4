import { join } from 'node:path';
import type { ExportedSpan, FeedbackEvent, LogEvent, MetricEvent, ScoreEvent } from '../../core/index.ts';
import { DuckDBStore } from '../../plugins/duckdb/index.ts';

/** When the stored things begin: 2025-10-09T08:53:20Z. */
export const T0 = 1_760_000_000_000;
/** Text that a terminal would obey. */
export const HOSTILE = 'evil\u001b[2J\u0007\u202e name';

const HOUR = 3_600_000;
const hex = (text: string, length: number) => text.repeat(length).slice(0, length);

/** The id of the n-th turn: their beginnings differ within the first 16 characters. */
export const traceIdOf = (turn: number) => `0199${String(turn).padStart(4, '0')}${hex('a', 24)}`;

function times(startMs: number, endMs?: number) {
  const end = endMs === undefined ? {} : { endTime: new Date(endMs), endUnixMicro: endMs * 1_000 };
  return { startTime: new Date(startMs), startUnixMicro: startMs * 1_000, ...end };
}

function turn(number: number): ExportedSpan[] {
  const at = T0 + number * HOUR;
  const shared = {
    traceId: traceIdOf(number),
    isEvent: false,
    seq: 2,
    status: 'ok' as const,
    threadId: number < 3 ? 't-1' : 't-2',
    userId: number < 3 ? 'ada' : 'bob',
    serviceName: 'bot',
    environment: 'test',
  };
  const agent: ExportedSpan = {
    ...shared,
    id: hex('1', 16),
    name: 'support',
    type: 'agent_run',
    isRootSpan: true,
    ...times(at, at + 4_000),
    input: `question ${number}`,
    output: { text: `answer ${number}`, html: '<b>' },
    metadata: { plan: 'pro', n: number },
    tags: ['beta', 'eu'],
    entityType: 'agent',
    entityName: 'support agent',
  };
  const attributes = {
    model: 'm-1',
    provider: 'acme',
    parameters: { temperature: 0.5, custom: true },
    usage: { inputTokens: 1_000, outputTokens: 200, inputDetails: { cacheRead: 300 } },
    cost: { total: 0.01, currency: 'USD' },
    finishReason: 'stop',
    streaming: true,
  };
  const model: ExportedSpan = {
    ...shared,
    id: hex('2', 16),
    parentSpanId: agent.id,
    name: 'generate',
    type: 'model_generation',
    isRootSpan: false,
    ...times(at + 10, at + 2_000),
    input: [{ role: 'user', content: 'unicorn {"a":1}' }],
    output: 'fine',
    attributes,
    scope: { name: 'sdk', version: '1.0' },
    links: [{ traceId: traceIdOf(0), spanId: hex('1', 16), attributes: { why: 'continues' } }],
  };
  return [agent, model];
}

/** A trace of everything that OTLP has no field for. */
function oddSpans(): ExportedSpan[] {
  const at = T0 + 10 * HOUR;
  const traceId = traceIdOf(10);
  const shared = { traceId, isEvent: false, seq: 1, userId: 'eve' };
  return [
    {
      ...shared,
      id: hex('3', 16),
      name: HOSTILE,
      type: 'workflow_run',
      isRootSpan: true,
      status: 'error',
      ...times(at, at + 500),
      errorInfo: {
        message: 'no answer',
        name: 'TimeoutError',
        code: 'ETIMEDOUT',
        stack: 'at x',
        details: { ms: 300 },
      },
      input: '{"looks":"like JSON"}',
      source: 'local',
      organizationId: 'o-1',
      resourceId: 'res-1',
      runId: 'run-1',
      requestId: 'req-1',
      sessionId: 's-1',
    },
    {
      ...shared,
      id: hex('4', 16),
      parentSpanId: hex('3', 16),
      name: 'noted',
      type: 'generic',
      isRootSpan: false,
      isEvent: true,
      status: 'ok',
      ...times(at + 100, at + 100),
      attributes: { 'gen_ai.operation.name': 'chat', n: 1, list: [1, 'a', null], deep: { x: { y: 1.5 } } },
    },
    {
      ...shared,
      id: hex('5', 16),
      parentSpanId: hex('f', 16),
      name: 'still at it',
      type: 'tool_call',
      isRootSpan: false,
      status: 'running',
      ...times(at + 200),
      input: 42,
      metadata: { otel: { kind: 'client', resource: { 'host.name': 'h1' } } },
      truncated: [{ path: 'input', reason: 'size' }] as never,
    },
  ];
}

/** All spans that are stored. */
export const SPANS: readonly ExportedSpan[] = [0, 1, 2, 3, 4].flatMap(turn).concat(oddSpans());

let made = 0;
function event(at: number, traceId?: string) {
  made += 1;
  return {
    id: made.toString(16).padStart(32, '0'),
    timestamp: new Date(at),
    timeUnixMicro: at * 1_000,
    correlation: { serviceName: 'bot', userId: 'ada' },
    ...(traceId !== undefined && { traceId, spanId: hex('1', 16) }),
  };
}

const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export const LOGS: readonly LogEvent[] = LEVELS.map((level, index) => ({
  ...event(T0 + index * 1_000, traceIdOf(0)),
  type: 'log',
  record: {
    level,
    message: `${level} said`,
    ...(level === 'warn' && { data: { order: 17, note: HOSTILE } }),
  },
}));

const metric = (
  at: number,
  name: string,
  metricType: MetricEvent['metricType'],
  value: number,
  labels = {},
) => ({ ...event(T0 + at * 60_000), type: 'metric', name, metricType, value, labels }) satisfies MetricEvent;

/** An hour of a histogram in two models, a counter, a gauge. */
export const METRICS: readonly MetricEvent[] = [
  ...Array.from({ length: 60 }, (_, minute) =>
    metric(minute, 'latency', 'histogram', minute + 1, { model: minute % 2 === 0 ? 'a' : 'b' }),
  ),
  ...[1, 2, 3].map((value, index) => metric(index, 'turns', 'counter', value, { channel: 'chat' })),
  metric(5, 'queue', 'gauge', -4),
];

export const SCORES: readonly ScoreEvent[] = [0, 1, 2].map((number) => ({
  ...event(T0 + number * HOUR, traceIdOf(number)),
  type: 'score',
  score: {
    scorerId: number < 2 ? 'polite' : 'right',
    score: number / 4,
    label: 'ok',
    reason: `because ${number}`,
  },
}));

export const FEEDBACK: readonly FeedbackEvent[] = [
  {
    ...event(T0, traceIdOf(0)),
    type: 'feedback',
    feedback: { feedbackType: 'thumbs', value: 1, comment: 'quick', userId: 'ada' },
  },
  { ...event(T0 + 1, traceIdOf(1)), type: 'feedback', feedback: { feedbackType: 'rating', value: 'good' } },
];

/** Fills `obs.duckdb` in a directory with all of it. */
export async function fillStore(dir: string): Promise<void> {
  const store = new DuckDBStore({ path: join(dir, 'obs.duckdb'), thread: 'main' });
  await store.init();
  const { observability } = store;
  await observability.batchCreateSpans({ records: SPANS });
  await observability.batchCreateLogs({ records: LOGS });
  await observability.batchCreateMetrics({ records: METRICS });
  await observability.batchCreateScores({ records: SCORES });
  await observability.batchCreateFeedback({ records: FEEDBACK });
  await store.close();
}
