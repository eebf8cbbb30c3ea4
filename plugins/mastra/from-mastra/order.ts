import { RecentMap, type TracingEvent } from '../../../core/index.ts';

/** Tracing events of one trace: how many were emitted, how many the exporter has had, and who waits for them. */
interface Progress {
  emitted: number;
  handed: number;
  waiting: { from: number; go: () => void }[];
}

/**
 * Keeps scores and feedback behind the spans that were emitted before them: each signal has a queue of its own, and
 * exporters of Mastra drop or overwrite what is said about a span that they have not seen yet.
 */
export class Order {
  readonly #traces = new RecentMap<string, Progress>();
  readonly #limitMs: number;

  /** `limitMs`: how long a judgement waits at most, since a span may have been dropped on the way. */
  constructor(limitMs = 5_000) {
    this.#limitMs = limitMs;
  }

  /** A span has begun, changed or ended. */
  emitted({ type, exportedSpan: { traceId } }: TracingEvent): void {
    if (type === 'span.error') return;
    const trace = this.#traces.get(traceId) ?? { emitted: 0, handed: 0, waiting: [] };
    if (trace.emitted++ === 0) this.#traces.set(traceId, trace);
  }

  /** The exporter has had the event, or will never have it. */
  handed({ exportedSpan: { traceId } }: TracingEvent): void {
    const trace = this.#traces.get(traceId);
    if (!trace) return;
    trace.handed++;
    this.#release(traceId, trace);
  }

  /** Resolves when the exporter has had what was emitted of the trace until now, or after the limit. */
  async caughtUp(traceId: string | undefined): Promise<void> {
    const trace = traceId === undefined ? undefined : this.#traces.get(traceId);
    if (!trace || trace.handed >= trace.emitted) return;
    const from = trace.emitted;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        // What has not come by now was dropped: later judgements do not wait for it again.
        trace.handed = Math.max(trace.handed, from);
        this.#release(traceId!, trace);
      }, this.#limitMs).unref();
      const go = () => {
        clearTimeout(timer);
        resolve();
      };
      trace.waiting.push({ from, go });
    });
  }

  #release(traceId: string, trace: Progress): void {
    const isDue = ({ from }: { from: number }) => from <= trace.handed;
    for (const { go } of trace.waiting.filter(isDue)) go();
    trace.waiting = trace.waiting.filter((one) => !isDue(one));
    if (trace.handed >= trace.emitted) this.#traces.delete(traceId);
  }
}
