import { runOutside } from '../context/context.ts';
import type { DeliveryCounts } from '../delivery/counts.ts';
import type { Diagnostics } from '../diagnostics/diagnostics.ts';
import { OLDER_ENTRIES } from '../diagnostics/older-entries.ts';
import { SIGNALS } from '../signals/index.ts';
import type { Labels, MetricsContext } from '../signals/metrics.ts';

/** What the metrics of a host about itself are made of. */
export interface SelfMetricsParts {
  metrics: MetricsContext;
  report: () => Pick<Diagnostics, 'plugins'>;
}

/** What is to be said of one signal at one plugin. */
interface Sample {
  name: string;
  type: 'counter' | 'gauge';
  labels: Labels;
  value: number;
}

/**
 * Emits the counts of delivery as metrics, those that only grow by what they grew since the last time. They are events
 * like any other, so they count in turn: each time those of the time before.
 */
export class SelfMetrics {
  readonly #parts: SelfMetricsParts;
  /** What was said last, by series. */
  #said = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #intervalMs: number | undefined;

  constructor(parts: SelfMetricsParts) {
    this.#parts = parts;
  }

  /** Runs as a config says; while it is off there is no timer and nothing is counted. */
  follow({ enabled, intervalMs }: { enabled: boolean; intervalMs: number }): void {
    const wanted = enabled ? intervalMs : undefined;
    if (wanted === this.#intervalMs) return;
    this.stop();
    this.#intervalMs = wanted;
    if (wanted !== undefined) this.#timer = setInterval(() => this.emit(), wanted).unref();
  }

  /** Emits what changed since the last time. */
  emit(): void {
    if (this.#intervalMs === undefined) return;
    // What is no longer listed is forgotten: an entry that comes back counts from nothing.
    const said = new Map<string, number>();
    runOutside(() => {
      for (const sample of samplesOf(this.#parts.report())) said.set(...this.#say(sample));
    });
    this.#said = said;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#intervalMs = undefined;
  }

  /** Says what is new of a series, and gives what is said of it by now. */
  #say({ name, type, labels, value }: Sample): [series: string, said: number] {
    const series = [name, ...Object.values(labels)].join('\n');
    const said = this.#said.get(series) ?? 0;
    // A counter may fall: a plugin that gives up what it took takes it back from what was delivered.
    if (type === 'counter' ? value <= said : value === said) return [series, said];
    if (type === 'counter') this.#parts.metrics.counter(name, EVENTS).add(value - said, labels);
    else this.#parts.metrics.gauge(name, EVENTS).set(value, labels);
    return [series, value];
  }
}

const EVENTS = { unit: '{event}' };

function samplesOf({ plugins }: Pick<Diagnostics, 'plugins'>): Sample[] {
  return Object.entries(plugins).flatMap(([plugin, { signals }]) => {
    // What older entries counted was said under their own names.
    if (plugin === OLDER_ENTRIES) return [];
    return SIGNALS.flatMap((signal) => {
      const counts = signals[signal];
      return counts ? samplesOfSignal(counts, { plugin, signal }) : [];
    });
  });
}

function samplesOfSignal(counts: DeliveryCounts, labels: Labels): Sample[] {
  const sample = (type: Sample['type'], name: string, value: number, more?: Labels): Sample => {
    return { name: `obs.delivery.${name}`, type, labels: { ...labels, ...more }, value };
  };
  return [
    sample('counter', 'accepted', counts.accepted),
    sample('counter', 'delivered', counts.delivered),
    ...Object.entries(counts.dropped).map(([reason, count]) =>
      sample('counter', 'dropped', count, { reason }),
    ),
    sample('gauge', 'spooled', counts.spooled),
    sample('gauge', 'queued', counts.queued),
    sample('gauge', 'in_flight', counts.inFlight),
  ];
}
