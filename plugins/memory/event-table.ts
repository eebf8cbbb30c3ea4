import type { EventOf, Signal } from '../../core/index.ts';
import { assertSound } from './sound.ts';

/** A signal without updates. */
export type EventSignal = Exclude<Signal, 'tracing'>;

/** The events of one signal by id, the oldest first. The same event again changes nothing. */
export class EventTable<S extends EventSignal> {
  readonly #maxEvents: number;
  readonly #onDrop: (count: number) => void;
  readonly #events = new Map<string, EventOf[S]>();

  constructor(maxEvents: number, onDrop: (count: number) => void) {
    this.#maxEvents = maxEvents;
    this.#onDrop = onDrop;
  }

  all(): EventOf[S][] {
    return [...this.#events.values()];
  }

  get(id: string): EventOf[S] | undefined {
    return this.#events.get(id);
  }

  /** Stores an event; true when it is new. @throws Error for one without identity or time. */
  add(event: EventOf[S]): boolean {
    assertSound(event, ['id', 'timestamp', 'timeUnixMicro']);
    const { id } = event;
    if (this.#events.has(id)) return false;
    this.#events.set(id, structuredClone(event));
    if (this.#events.size > this.#maxEvents) {
      this.#events.delete(this.#events.keys().next().value!);
      this.#onDrop(1);
    }
    return true;
  }

  deleteTrace(traceId: string): void {
    for (const [id, event] of this.#events) if (event.traceId === traceId) this.#events.delete(id);
  }

  clear(): void {
    this.#events.clear();
  }
}
