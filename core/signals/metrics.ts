import { Snapshot, withBytes } from '../snapshot/snapshot.ts';
import { type EmitterHost, envelope, neverThrows } from './emitter.ts';
import type { SignalEventBase } from './tracing.ts';

/** The kind of instrument that made an observation. */
export type MetricType = 'counter' | 'gauge' | 'histogram';

/** A key and its value on a metric; keep the number of different values small. */
export type Labels = Record<string, string>;

/** One raw observation of an instrument; whoever reads it aggregates. */
export interface MetricEvent extends SignalEventBase {
  type: 'metric';
  name: string;
  metricType: MetricType;
  /** The increment of a counter, the level of a gauge, the observed value of a histogram. */
  value: number;
  labels: Labels;
  /** Unit in UCUM notation, such as `ms`, `By`, `{token}`. */
  unit?: string;
  description?: string;
  /** What else is known of it, such as the distribution of an imported histogram point; no part of the series. */
  metadata?: Record<string, unknown>;
}

/** What describes an instrument. */
export interface InstrumentOptions {
  /** Unit in UCUM notation, such as `ms`, `By`, `{token}`. */
  unit?: string;
  description?: string;
}

/** A label value as callers give it; it is stored as text. */
export type LabelInput = Record<string, string | number | boolean | undefined>;

/** A sum that only grows. A negative or non-finite increment is refused and counted, never thrown. */
export interface Counter {
  add(value?: number, labels?: LabelInput): void;
}

/** A level that goes up and down, below zero too. */
export interface Gauge {
  set(value: number, labels?: LabelInput): void;
}

/** A distribution of observed values. */
export interface Histogram {
  record(value: number, labels?: LabelInput): void;
}

/** Makes instruments. An instrument may be kept: it follows when metrics are switched on or off later. */
export interface MetricsContext {
  counter(name: string, options?: InstrumentOptions): Counter;
  gauge(name: string, options?: InstrumentOptions): Gauge;
  histogram(name: string, options?: InstrumentOptions): Histogram;
}

/** The metrics emitter over a host. */
export function createMetrics(host: EmitterHost): MetricsContext {
  function instrument(name: string, metricType: MetricType, options: InstrumentOptions | undefined) {
    const fixed = describe(host, name, metricType, options);
    return neverThrows(host, 'metrics', (value: number, labels?: LabelInput) => {
      if (!host.isOn('metrics')) return;
      if (!Number.isFinite(value) || (metricType === 'counter' && value < 0)) {
        host.refuse('metrics', 'invalid_value', `${metricType} "${fixed.name}" was given ${String(value)}`);
        return;
      }
      host.emit(observe(host, fixed, value, labels));
    });
  }
  return {
    counter: (name, options) => {
      const emit = instrument(name, 'counter', options);
      return { add: (value = 1, labels) => emit(value, labels) };
    },
    gauge: (name, options) => ({ set: instrument(name, 'gauge', options) }),
    histogram: (name, options) => ({ record: instrument(name, 'histogram', options) }),
  };
}

type FixedPart = Pick<MetricEvent, 'type' | 'name' | 'metricType' | 'unit' | 'description'>;

/** What all observations of an instrument have in common. Never throws: instruments are made where modules load. */
function describe(
  host: EmitterHost,
  name: string,
  metricType: MetricType,
  options: InstrumentOptions | undefined,
): FixedPart {
  const snapshot = new Snapshot(host.limits);
  const fixed: FixedPart = { type: 'metric', name: snapshot.text(name, 'name'), metricType };
  const { unit, description } = (snapshot.take(options, 'options') ?? {}) as InstrumentOptions;
  if (typeof unit === 'string') fixed.unit = unit;
  if (typeof description === 'string') fixed.description = description;
  return fixed;
}

function observe(host: EmitterHost, fixed: FixedPart, value: number, labels?: LabelInput): MetricEvent {
  const snapshot = new Snapshot(host.limits);
  const plainLabels = labels ? textLabels(snapshot, labels) : {};
  const { name, metricType, unit, description } = fixed;
  const event: MetricEvent = {
    type: 'metric',
    name,
    metricType,
    ...envelope(host, snapshot),
    value,
    labels: plainLabels,
  };
  if (unit !== undefined) event.unit = unit;
  if (description !== undefined) event.description = description;
  if (snapshot.cuts.length > 0) event.truncated = snapshot.cuts;
  return withBytes(event, snapshot.bytes);
}

function textLabels(snapshot: Snapshot, labels: LabelInput): Labels {
  const plain = snapshot.take(labels, 'labels') as Record<string, unknown> | null;
  if (typeof plain !== 'object' || plain === null) return {};
  for (const key of Object.keys(plain)) {
    const value = plain[key];
    if (value === null) delete plain[key];
    else if (typeof value !== 'string') plain[key] = JSON.stringify(value);
  }
  return plain as Labels;
}
