import type { MetricEvent } from '../../core/index.ts';
import { OTLP_METRICS } from '../import/otlp-metrics.ts';
import type { RawRecord } from '../import/record.ts';
import { attributeList, nanosOf, nestedBy, type Origin, otelOf } from './otlp-values.ts';

/** An OTLP request with these metrics, a point each: a counter is a delta sum, a histogram a distribution of one. */
export function metricRequest(metrics: readonly MetricEvent[]): RawRecord {
  return nestedBy(metrics, originOf, OTLP_METRICS, encodeMetric);
}

function originOf({ correlation = {}, scope, metadata }: MetricEvent): Origin {
  const { serviceName, environment } = correlation;
  return {
    ...(serviceName !== undefined && { serviceName }),
    ...(environment !== undefined && { environment }),
    ...(scope && { scope }),
    resource: (otelOf(metadata)['resource'] ?? {}) as RawRecord,
  };
}

const TEMPORALITY: Record<string, number> = { unspecified: 0, delta: 1, cumulative: 2 };
const DELTA = 1;

function encodeMetric(metric: MetricEvent): RawRecord {
  const { name, unit, description, labels, timeUnixMicro } = metric;
  const { kind, aggregation, point } = shapeOf(metric);
  const dataPoint = {
    timeUnixNano: nanosOf(timeUnixMicro),
    attributes: attributeList(labels),
    ...point,
  };
  return {
    name,
    ...(unit !== undefined && { unit }),
    ...(description !== undefined && { description }),
    [kind]: { ...aggregation, dataPoints: [dataPoint] },
  };
}

interface Shape {
  kind: string;
  aggregation: RawRecord;
  point: RawRecord;
}

/** A point that was imported becomes what it was. */
function shapeOf({ metricType, value, metadata }: MetricEvent): Shape {
  const { kind, temporality, isMonotonic, resource: _, ...point } = otelOf(metadata);
  if (typeof kind === 'string') {
    const aggregation = {
      ...(temporality !== undefined && { aggregationTemporality: TEMPORALITY[String(temporality)] ?? 0 }),
      ...(isMonotonic !== undefined && { isMonotonic }),
    };
    const isPlain = kind === 'sum' || kind === 'gauge';
    return { kind, aggregation, point: isPlain ? { asDouble: value, ...point } : { sum: value, ...point } };
  }
  if (metricType === 'gauge') return { kind: 'gauge', aggregation: {}, point: { asDouble: value } };
  if (metricType === 'counter') {
    const aggregation = { aggregationTemporality: DELTA, isMonotonic: true };
    return { kind: 'sum', aggregation, point: { asDouble: value } };
  }
  const one = { count: '1', sum: value, min: value, max: value, bucketCounts: ['1'], explicitBounds: [] };
  return { kind: 'histogram', aggregation: { aggregationTemporality: DELTA }, point: one };
}
