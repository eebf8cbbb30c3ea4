import {
  CORRELATION_KEYS,
  type Correlation,
  type FeedbackEvent,
  type GroupKey,
  type MetricEvent,
  ObsError,
  type ScoreEvent,
} from '../../../core/index.ts';

/** What aggregates are made of. */
export type Measured = MetricEvent | ScoreEvent | FeedbackEvent;

/** Measured records that have the values of `key` in common. */
export interface Group {
  key: GroupKey;
  events: Measured[];
}

const OWN_KEYS = {
  metric: [],
  score: ['scorerId', 'scorerName', 'scorerVersion', 'label', 'source'],
  feedback: ['feedbackType', 'userId', 'source', 'value'],
} as const;
const NOUN = { metric: 'metrics', score: 'scores', feedback: 'feedback' } as const;

/** The value of an event, whatever it is; undefined for none. */
export function anyValueOf(event: Measured): number | string | undefined {
  if (event.type === 'metric') return event.value;
  return event.type === 'score' ? (event.score.score ?? event.score.label) : event.feedback.value;
}

/** The value of an event where that is a number. */
export function numberOf(event: Measured): number | undefined {
  const value = event.type === 'score' ? event.score.score : anyValueOf(event);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The groups of events, those with most records first, then by their keys. @throws ObsError for an unknown key. */
export function groupsOf(
  type: Measured['type'],
  events: readonly Measured[],
  by: readonly string[],
): Group[] {
  if (type !== 'metric') for (const name of by) assertKnown(type, name);
  const groups = new Map<string, Group>();
  for (const event of events) {
    const key = Object.fromEntries(by.map((name) => [name, keyOf(event, name)]));
    const id = JSON.stringify(key);
    const group = groups.get(id) ?? { key, events: [] };
    groups.set(id, group);
    group.events.push(event);
  }
  return [...groups.values()].sort((a, b) => b.events.length - a.events.length || compareKeys(a.key, b.key));
}

/** By the values in their order; what is missing comes last. */
export function compareKeys(a: GroupKey, b: GroupKey): number {
  for (const name of Object.keys(a)) {
    const [one, other] = [a[name] ?? null, b[name] ?? null];
    if (one === other) continue;
    if (one === null || other === null) return one === null ? 1 : -1;
    return one < other ? -1 : 1;
  }
  return 0;
}

/** What an event is grouped by. */
function keyOf(event: Measured, name: string): string | null {
  if (name === 'traceId') return event.traceId ?? null;
  const correlation = event.correlation?.[name as keyof Correlation] ?? null;
  if (event.type === 'metric') {
    if (name === 'name' || name === 'metricType') return event[name];
    if (isCorrelation(name)) return correlation;
    const label = name.replace(/^labels\./, '');
    return Object.hasOwn(event.labels, label) ? event.labels[label]! : null;
  }
  const own = event.type === 'score' ? event.score : event.feedback;
  if ((OWN_KEYS[event.type] as readonly string[]).includes(name)) {
    const value = own[name as never] as unknown;
    if (value !== undefined) return String(value);
    return name === 'userId' ? correlation : null;
  }
  return correlation;
}

function isCorrelation(name: string): boolean {
  return (CORRELATION_KEYS as readonly string[]).includes(name);
}

function assertKnown(type: 'score' | 'feedback', name: string): void {
  const known: string[] = ['traceId', ...OWN_KEYS[type], ...CORRELATION_KEYS];
  if (known.includes(name)) return;
  const choice = [...new Set(known)].sort().join(', ');
  throw new ObsError('OBS_STORE_QUERY', `by: ${NOUN[type]} have no "${name}"; there is ${choice}`);
}
