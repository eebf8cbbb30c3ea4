import { messageOf } from '../errors.ts';
import { Bisection, type Part } from './bisection.ts';
import { Sender, type SenderParts, type Sent } from './sender.ts';
import { Turns } from './turns.ts';

/** Where a lane gets its batches. */
export interface LaneSource<E> {
  /** The next batch that is due and the position of its first event; undefined when none is. */
  take(): { batch: E[]; from: number } | undefined;
  /** Some events of a batch are settled; a batch that is refused is settled in parts. */
  settle(size: number, sent: Sent<E>): void;
  /** Nothing is due any more. */
  idle(): void;
}

/** Sends that never wait for anything would keep the event loop from the application: after this long it has its turn. */
const SLICE_MS = 10;

/** Sends batches one after the other, as long as one is due. */
export class Lane<E extends object> {
  readonly #source: LaneSource<E>;
  readonly #sender: Sender<E>;
  readonly #newBatchId: () => string;
  readonly #turns: Turns;
  #bisection: Bisection<E> | undefined;
  #part: Part<E> | undefined;
  /** The destination refused the batch before and took nothing of it. */
  #isHopeless = false;
  isBusy = false;
  /** The position of the first event of the batch; beyond all positions when nothing is being sent. */
  from = Number.POSITIVE_INFINITY;

  constructor(parts: SenderParts<E>, source: LaneSource<E>) {
    this.#source = source;
    this.#sender = new Sender(parts);
    this.#newBatchId = parts.newBatchId;
    this.#turns = parts.turns ?? new Turns();
  }

  /** The events of the batch that are not settled yet. */
  get unsettled(): E[] {
    return [...(this.#part?.events ?? []), ...(this.#bisection?.waiting ?? [])];
  }

  /** When its next attempt is due, where nothing can bring that forward. */
  get pausedUntil(): number | undefined {
    return this.#sender.pausedUntil;
  }

  /** On a later turn: an emitter never pays for a send. */
  start(): void {
    this.isBusy = true;
    this.#turns.take(() => void this.#sendAll());
  }

  /** Cuts a pause short, unless the destination asked for it or takes nothing. */
  hurry(): void {
    this.#sender.hurry();
  }

  /** Aborts what is under way: it settles at once. */
  close(): void {
    this.#sender.close();
  }

  async #sendAll(): Promise<void> {
    let turnAt = performance.now();
    for (let next = this.#source.take(); next; next = this.#source.take()) {
      this.from = next.from;
      const bisection = new Bisection({ id: this.#newBatchId(), events: next.batch }, this.#isHopeless);
      await this.#sendBatch(bisection);
      if (performance.now() - turnAt < SLICE_MS) continue;
      await new Promise<void>((resolve) => this.#turns.take(resolve));
      turnAt = performance.now();
    }
    this.isBusy = false;
    this.#source.idle();
  }

  /** Sends a batch, or its parts one after the other when it is refused. */
  async #sendBatch(bisection: Bisection<E>): Promise<void> {
    this.#bisection = bisection;
    for (let part = bisection.next(); part; part = bisection.next()) {
      this.#part = part;
      const sent = await this.#sender.send(part);
      this.#part = undefined;
      this.#judge(bisection, part, sent);
    }
    this.#bisection = undefined;
    this.#isHopeless = bisection.aside.length > 0;
    for (const { events, error } of bisection.aside) this.#refuse(events, error);
    // Whoever was told by the last of these looks on a later turn, when the batch is over.
    this.from = Number.POSITIVE_INFINITY;
  }

  #judge(bisection: Bisection<E>, { id, events }: Part<E>, sent: Sent<E>): void {
    if ('reason' in sent && sent.reason === 'rejected') {
      if (bisection.refused({ id, events }, sent.error)) this.#refuse(events, sent.error);
      return;
    }
    if ('refusals' in sent && sent.refusals.length < events.length) bisection.taken();
    this.#source.settle(events.length, sent);
  }

  #refuse(events: readonly E[], error: unknown): void {
    const reason = messageOf(error);
    this.#source.settle(events.length, { refusals: events.map((event) => ({ event, reason })) });
  }
}
