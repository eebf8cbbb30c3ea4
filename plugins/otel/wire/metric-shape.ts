import type { Scope } from '../../../core/index.ts';
import type { Origin, Origins } from './origin.ts';
import { hrTime } from './time.ts';
import { otlpAttributes, wellFormed } from './value.ts';

/** A distribution over explicit buckets. */
export interface OtlpHistogram {
  count: number;
  sum: number;
  min: number;
  max: number;
  /** Upper bounds, rising. */
  bounds: readonly number[];
  /** One more than there are bounds. */
  counts: readonly number[];
}

/** One point of a metric: a number, or a distribution where the metric is a histogram. */
export interface OtlpPoint {
  attributes: Readonly<Record<string, unknown>>;
  startUnixMicro: number;
  endUnixMicro: number;
  value: number | OtlpHistogram;
}

/** A metric with the points of its series. */
export interface OtlpMetric {
  name: string;
  unit?: string;
  description?: string;
  kind: 'sum' | 'gauge' | 'histogram';
  temporality: 'delta' | 'cumulative';
  points: readonly OtlpPoint[];
  scope?: Scope;
  /** Attributes of a resource of its own; default: that of the request. */
  resource?: Readonly<Record<string, unknown>>;
}

// The numbers of the SDK's enums, which the serializers read.
const DATA_POINT_TYPE = { histogram: 0, gauge: 2, sum: 3 };
const TEMPORALITY = { delta: 0, cumulative: 1 };
const VALUE_TYPE_DOUBLE = 1;

/** A metric as the serializers read it, and where it belongs. */
export interface ReadableMetric extends Origin {
  data: object;
}

/** Metrics of one resource as the serializers read them. */
export interface ResourceMetrics {
  resource: object;
  scopeMetrics: { scope: object; metrics: object[] }[];
}

/** The metric as the serializers read it. @throws RangeError for a point without a valid time. */
export function readableMetric(given: OtlpMetric, origins: Origins): ReadableMetric {
  return { ...origins.of(given.resource, given.scope), data: metricData(given) };
}

/** Metrics by resource and scope; a request of the serializers holds one resource. */
export function resourceMetrics(metrics: readonly ReadableMetric[]): ResourceMetrics[] {
  const groups = new Map<object, Map<object, object[]>>();
  for (const { resource, instrumentationScope, data } of metrics) {
    const scopes = groups.get(resource) ?? new Map<object, object[]>();
    groups.set(resource, scopes);
    const group = scopes.get(instrumentationScope) ?? [];
    scopes.set(instrumentationScope, group);
    group.push(data);
  }
  return [...groups].map(([resource, scopes]) => ({
    resource,
    scopeMetrics: [...scopes].map(([scope, group]) => ({ scope, metrics: group })),
  }));
}

function metricData({ name, unit = '', description = '', kind, temporality, points }: OtlpMetric): object {
  return {
    descriptor: {
      name: wellFormed(name),
      unit: wellFormed(unit),
      description: wellFormed(description),
      // One kind of number for ever: a sum that is whole now and not later would change the kind of its series.
      valueType: VALUE_TYPE_DOUBLE,
    },
    dataPointType: DATA_POINT_TYPE[kind],
    aggregationTemporality: TEMPORALITY[temporality],
    isMonotonic: kind === 'sum',
    dataPoints: points.map((point) => ({
      attributes: otlpAttributes(point.attributes),
      startTime: hrTime(point.startUnixMicro),
      endTime: hrTime(point.endUnixMicro),
      value: typeof point.value === 'number' ? point.value : distribution(point.value),
    })),
  };
}

function distribution({ bounds, counts, ...rest }: OtlpHistogram): object {
  return { ...rest, buckets: { boundaries: bounds, counts } };
}
