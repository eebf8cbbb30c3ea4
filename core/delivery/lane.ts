import { runSilenced } from '../context/context.ts';
import { messageOf } from '../errors.ts';
import { nextTurn } from '../turns.ts';
import { Bisection, type Part } from './bisection.ts';
import { OVERDUE, type RefusalKind, Sender, type SenderParts, type Sent } from './sender.ts';

/** Where a lane gets its batches. */
export interface LaneSource<E> {
  /**
   * The next batch that is due, the position of its first event, and an id where it has one already; undefined when none
   * is due.
   */
  take(): { batch: E[]; from: number; id?: string } | undefined;
  /** Some events of a batch are settled; a batch that is refused is settled in parts. */
  settle(events: readonly E[], sent: Sent<E>): void;
  /** Nothing is due any more. */
  idle(): void;
}

/** Sends batches one after the other, as long as one is due. */
export class Lane<E extends object> {
  readonly #source: LaneSource<E>;
  readonly #sender: Sender<E>;
  readonly #newBatchId: () => string;
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
  }

  /** The events of the batch that are not settled yet. */
  get unsettled(): E[] {
    return [...(this.#part?.events ?? []), ...(this.#bisection?.waiting ?? [])];
  }

  /** When its next attempt is due, where nothing can bring that forward. */
  get pausedUntil(): number | undefined {
    return this.#sender.pausedUntil;
  }

  /** Each batch on a turn of its own, the first too: an emitter never pays for a send. */
  start(): void {
    this.isBusy = true;
    runSilenced(() => void this.#sendAll());
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
    await nextTurn();
    for (let next = this.#source.take(); next; next = this.#source.take()) {
      this.from = next.from;
      const id = next.id ?? this.#newBatchId();
      const bisection = new Bisection({ id, events: next.batch }, this.#isHopeless);
      await this.#sendBatch(bisection);
      await nextTurn();
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
      if (sent === OVERDUE) bisection.overdue(part);
      else this.#judge(bisection, part, sent);
    }
    this.#bisection = undefined;
    this.#isHopeless = bisection.aside.length > 0;
    for (const { events, error } of bisection.aside) this.#refuse(events, error, 'rejected');
    // Whoever was told by the last of these looks on a later turn, when the batch is over.
    this.from = Number.POSITIVE_INFINITY;
  }

  #judge(bisection: Bisection<E>, part: Part<E>, sent: Sent<E>): void {
    const { events } = part;
    if ('reason' in sent && sent.reason === 'rejected') {
      if (bisection.refused(part, sent.error)) this.#refuse(events, sent.error, 'rejected');
    } else if ('reason' in sent && sent.reason === 'retry_exhausted') {
      this.#refuse(events, sent.error, 'retry_exhausted');
    } else {
      if ('refusals' in sent && sent.refusals.length < events.length) bisection.taken();
      this.#source.settle(events, sent);
    }
  }

  #refuse(events: readonly E[], error: unknown, kind: RefusalKind): void {
    const reason = messageOf(error);
    this.#source.settle(events, { refusals: events.map((event) => ({ event, reason })), kind });
  }
}
