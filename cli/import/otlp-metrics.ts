import type { MetricEvent, MetricType } from '../../core/index.ts';
import type { Identify } from './identity.ts';
import type { OtlpGroup, OtlpNesting } from './otlp-groups.ts';
import { attributesOf, enumNumber, requiredUnixMicro } from './otlp-values.ts';
import {
  BadRecord,
  isRecord,
  type Located,
  meaningful,
  type RawRecord,
  type RecordWalk,
  recordOf,
  requiredText,
  shown,
  textOf,
} from './record.ts';

/** Where OTLP has its metrics. */
export const OTLP_METRICS: OtlpNesting = ['resourceMetrics', 'scopeMetrics', 'metrics'];

const TEMPORALITIES = ['unspecified', 'delta', 'cumulative'];
const TEMPORALITY_NAMES = TEMPORALITIES.map((name) => `AGGREGATION_TEMPORALITY_${name.toUpperCase()}`);
const KINDS = ['sum', 'gauge', 'histogram', 'exponentialHistogram', 'summary'] as const;

/**
 * One event for each data point of an OTLP metric. A counter of ours is an increment, so only a monotonic delta sum
 * is one; a cumulative or falling sum is a level, a gauge. A histogram's value is the sum of what it observed. The
 * point as OTLP has it (distribution, temporality, start, exemplars) and its resource are kept in `metadata.otel`.
 */
export function* metricEvents(
  walk: RecordWalk,
  { record: metric, pointer }: Located,
  group: OtlpGroup,
  identify: Identify,
): Generator<MetricEvent> {
  const kind = KINDS.find((name) => isRecord(metric[name]));
  if (kind === undefined) return walk.refuse(pointer, `one of ${KINDS.join(', ')} was expected`);
  for (const point of walk.list(recordOf(metric, kind), 'dataPoints', `${pointer}/${kind}`)) {
    const event = walk.take(point, (raw) => metricEvent(metric, kind, raw, group, identify));
    if (event) yield event;
  }
}

type Kind = (typeof KINDS)[number];

function metricEvent(
  metric: RawRecord,
  kind: Kind,
  raw: RawRecord,
  group: OtlpGroup,
  identify: Identify,
): MetricEvent {
  const name = requiredText(metric, 'name');
  const timeUnixMicro = requiredUnixMicro(raw, 'timeUnixNano');
  const { dataPoints: _, ...aggregation } = recordOf(metric, kind);
  const unit = textOf(metric, 'unit');
  const description = textOf(metric, 'description');
  return {
    type: 'metric',
    id: identify([...group.raw, name, unit ?? '', kind, aggregation, raw], timeUnixMicro),
    name,
    metricType: metricTypeOf(kind, aggregation),
    value: numberOf(kind, raw),
    labels: labelsOf(raw),
    timestamp: new Date(timeUnixMicro / 1000),
    timeUnixMicro,
    correlation: group.correlation,
    ...(group.scope && { scope: group.scope }),
    metadata: { otel: otelOf(kind, aggregation, raw, group) },
    ...(unit !== undefined && { unit }),
    ...(description !== undefined && { description }),
  };
}

function metricTypeOf(kind: Kind, aggregation: RawRecord): MetricType {
  if (kind === 'gauge') return 'gauge';
  if (kind !== 'sum') return 'histogram';
  return aggregation['isMonotonic'] === true && temporalityOf(aggregation) === 'delta' ? 'counter' : 'gauge';
}

function temporalityOf(aggregation: RawRecord): string | undefined {
  const { aggregationTemporality } = aggregation;
  return aggregationTemporality === undefined
    ? undefined
    : TEMPORALITIES[enumNumber(aggregationTemporality, TEMPORALITY_NAMES)];
}

function numberOf(kind: Kind, raw: RawRecord): number {
  const given = kind === 'sum' || kind === 'gauge' ? (raw['asDouble'] ?? raw['asInt']) : (raw['sum'] ?? 0);
  const value = typeof given === 'string' && given !== '' ? Number(given) : given;
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new BadRecord('', `a number was expected, got ${shown(given)}`);
  return value;
}

function labelsOf(raw: RawRecord): Record<string, string> {
  const entries = Object.entries(attributesOf(raw['attributes']));
  return Object.fromEntries(
    entries.map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}

/** What an event has no field for. */
function otelOf(kind: Kind, aggregation: RawRecord, raw: RawRecord, group: OtlpGroup): RawRecord {
  const { attributes: _, timeUnixNano: __, ...point } = raw;
  const temporality = temporalityOf(aggregation);
  return {
    ...(meaningful({ kind, temporality, isMonotonic: aggregation['isMonotonic'], ...point }) as RawRecord),
    ...(Object.keys(group.resource).length > 0 && { resource: group.resource }),
  };
}
