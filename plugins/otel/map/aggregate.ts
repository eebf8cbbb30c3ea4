import { forEachInTurns, type MetricEvent, messageOf } from '../../../core/index.ts';
import type { OtlpMetric, OtlpPoint } from '../encoder.ts';
import type { ResourceMap } from './origin.ts';
import { distribution, last, type Series, sum } from './series.ts';

/** How observations become points. */
export interface AggregationOptions {
  temporality: 'delta' | 'cumulative';
  /** Upper bounds of the buckets of histograms. */
  histogramBounds: readonly number[];
  /** Series of one metric; observations of others are one series, marked `otel.metric.overflow`. */
  maxSeries: number;
}

/** Only cumulative series are kept beyond a batch. Beyond so many metrics all begin anew, which receivers understand. */
const MAX_METRICS = 1_000;
/** Series of all cumulative metrics together; others are of the overflow series of their metric. */
const MAX_KEPT_SERIES = 50_000;
const OVERFLOW = { 'otel.metric.overflow': true };

/** What a batch comes to. */
export interface Aggregated {
  records: OtlpMetric[];
  rejected: { index: number; reason: string }[];
}

interface Stream {
  described: Omit<OtlpMetric, 'points' | 'temporality'>;
  series: Map<string, Line>;
  make: () => Series;
}

type Streams = Map<string, Stream>;

/** One series and its times. */
interface Line {
  attributes: OtlpPoint['attributes'];
  series: Series;
  startUnixMicro: number;
  endUnixMicro: number;
}

/**
 * Turns the raw observations of a batch into one point for each series. Delta: the batch alone counts, so aggregating it
 * again gives the same. Cumulative: every observation since the start counts, once however often its batch is sent.
 */
export class Aggregation {
  readonly #options: AggregationOptions;
  readonly #resources: ResourceMap;
  /** Of cumulative series; deltas have streams of their batch alone. */
  #streams: Streams = new Map();
  #kept = 0;
  /** Observations of the last batch, which may come again, whole or in parts. */
  #seen = new Set<string>();
  #lastEnd: number | undefined;
  #lastBatch: { id: string; start: number | undefined } | undefined;

  constructor(options: AggregationOptions, resources: ResourceMap) {
    this.#options = options;
    this.#resources = resources;
  }

  /** The points that a batch comes to. Each of its events is in one of them, or rejected because it is no observation. */
  async take(batch: readonly MetricEvent[], batchId: string): Promise<Aggregated> {
    const isDelta = this.#options.temporality === 'delta';
    if (this.#streams.size > MAX_METRICS) this.#reset();
    const streams: Streams = isDelta ? new Map() : this.#streams;
    const touched = new Set<Line>();
    const rejected: Aggregated['rejected'] = [];
    await forEachInTurns(batch, (event, index) => {
      try {
        touched.add(this.#add(streams, event));
      } catch (error) {
        rejected.push({ index, reason: messageOf(error) });
      }
    });
    if (isDelta) this.#join(touched, batchId);
    else if (batch.some(({ id }) => !this.#seen.has(id))) this.#seen = new Set(batch.map(({ id }) => id));
    return { records: this.#metrics(streams, touched), rejected };
  }

  #reset(): void {
    this.#streams = new Map();
    this.#kept = 0;
  }

  /** The points of a delta begin where those of the batch before ended. */
  #join(lines: ReadonlySet<Line>, batchId: string): void {
    if (this.#lastBatch?.id !== batchId) this.#lastBatch = { id: batchId, start: this.#lastEnd };
    const { start = Number.POSITIVE_INFINITY } = this.#lastBatch;
    for (const line of lines) {
      line.startUnixMicro = Math.min(line.startUnixMicro, start);
      this.#lastEnd = Math.max(this.#lastEnd ?? 0, line.endUnixMicro);
    }
  }

  #add(streams: Streams, event: MetricEvent): Line {
    const line = this.#lineOf(this.#streamOf(streams, event), event);
    line.startUnixMicro = Math.min(line.startUnixMicro, event.timeUnixMicro);
    line.endUnixMicro = Math.max(line.endUnixMicro, event.timeUnixMicro);
    const isKnown = streams === this.#streams && this.#seen.has(event.id);
    if (!isKnown) line.series.add(event);
    return line;
  }

  #streamOf(streams: Streams, event: MetricEvent): Stream {
    const { name, metricType, unit, description, scope, correlation = {} } = event;
    const resource = this.#resources.of(correlation, event.metadata);
    const { serviceName, environment } = resource ? correlation : {};
    const key = JSON.stringify([
      name,
      metricType,
      unit,
      scope?.name,
      scope?.version,
      serviceName,
      environment,
    ]);
    let stream = streams.get(key);
    if (!stream) {
      const { histogramBounds } = this.#options;
      stream = {
        described: {
          name,
          kind: metricType === 'counter' ? 'sum' : metricType,
          ...(unit !== undefined && { unit }),
          ...(description !== undefined && { description }),
          ...(scope && { scope }),
          ...(resource && { resource }),
        },
        series: new Map(),
        make: { counter: sum, gauge: last, histogram: () => distribution(histogramBounds) }[metricType],
      };
      streams.set(key, stream);
    }
    return stream;
  }

  #lineOf({ series, make }: Stream, { labels, timeUnixMicro }: MetricEvent): Line {
    let attributes: Line['attributes'] = labels;
    let key = keyOf(labels);
    const isFull = series.size >= this.#options.maxSeries || this.#kept >= MAX_KEPT_SERIES;
    if (isFull && !series.has(key)) {
      key = '';
      attributes = OVERFLOW;
    }
    let line = series.get(key);
    if (!line) {
      line = { attributes, series: make(), startUnixMicro: timeUnixMicro, endUnixMicro: timeUnixMicro };
      series.set(key, line);
      if (this.#options.temporality === 'cumulative') this.#kept++;
    }
    return line;
  }

  #metrics(streams: Streams, touched: ReadonlySet<Line>): OtlpMetric[] {
    const { temporality } = this.#options;
    return [...streams.values()].flatMap(({ described, series }) => {
      const lines = [...series.values()].filter((line) => touched.has(line));
      const points = lines.map(({ series: of, ...line }) => ({ ...line, value: of.value() }));
      return points.length === 0 ? [] : [{ ...described, temporality, points }];
    });
  }
}

/** The same for the same labels in any order. */
function keyOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
