import type { TracingEvent } from '../signals/tracing.ts';

/** The events of one span that has started and not ended. */
interface Held {
  events: TracingEvent[];
  sizes: number[];
  dueAt: number;
}

/** Takes an event that is held no longer, with its size. */
type Release = (event: TracingEvent, bytes: number) => void;

/**
 * Holds the first events of a span back until it ends, so that whoever receives it gets one whole span instead of a
 * start and, in a later batch, an end; but no longer than `holdMs`, so that what runs for long can be seen running.
 */
export class HeldSpans {
  readonly #holdMs: number;
  readonly #release: Release;
  /** By start: the first is the first to be due. */
  readonly #spans = new Map<string, Held>();
  #timer: NodeJS.Timeout | undefined;
  #newTimer: (due: () => void, ms: number) => NodeJS.Timeout;
  /** Events held. */
  items = 0;

  constructor(holdMs: number, newTimer: (due: () => void, ms: number) => NodeJS.Timeout, release: Release) {
    this.#holdMs = holdMs;
    this.#newTimer = newTimer;
    this.#release = release;
  }

  /** True when the event is held; false when it is to go on, behind those of its span that were held until now. */
  offer(event: TracingEvent, bytes: number): boolean {
    const { exportedSpan: span, type } = event;
    const key = span.traceId + span.id;
    const held = this.#spans.get(key);
    if (type === 'span.ended' || span.endUnixMicro !== undefined) {
      if (held) this.#letGo(key, held);
      return false;
    }
    if (!held && type !== 'span.started') return false;
    if (held) hold(held, event, bytes);
    else this.#spans.set(key, { events: [event], sizes: [bytes], dueAt: performance.now() + this.#holdMs });
    this.items++;
    this.#timer ??= this.#newTimer(() => this.#releaseDue(), this.#holdMs);
    return true;
  }

  /** Lets the span go that is held longest; false when there is none. */
  releaseOldest(): boolean {
    const [first] = this.#spans;
    if (first) this.#letGo(...first);
    return first !== undefined;
  }

  releaseAll(): void {
    for (const [key, held] of this.#spans) this.#letGo(key, held);
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #releaseDue(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [key, held] of this.#spans) {
      if (held.dueAt > now) {
        this.#timer = this.#newTimer(() => this.#releaseDue(), held.dueAt - now);
        return;
      }
      this.#letGo(key, held);
    }
  }

  #letGo(key: string, { events, sizes }: Held): void {
    this.#spans.delete(key);
    this.items -= events.length;
    events.forEach((event, index) => {
      this.#release(event, sizes[index]!);
    });
  }
}

function hold(held: Held, event: TracingEvent, bytes: number): void {
  held.events.push(event);
  held.sizes.push(bytes);
}
