import { runSilenced } from '../context/context.ts';
import { messageOf } from '../errors.ts';
import { nextTurn } from '../turns.ts';
import { Bisection, type Part } from './bisection.ts';
import type { Circuit } from './circuit.ts';
import { type RefusalKind, Sender, type SenderParts, type Sent } from './sender.ts';

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

/** A batch, and the parts into which it may be divided. */
interface Batch<E> {
  from: number;
  parts: Bisection<E>;
  /** How many answers the destination had given when a part of it was put off. */
  answers: number;
}

/**
 * Sends batches one after the other, as long as one is due. One whose time is over is put off while another is tried.
 * Where others are taken it is divided, and at last a single event given up that failed twice more after others had been
 * taken: so no outage costs anything, however long.
 */
export class Lane<E extends object> {
  readonly #source: LaneSource<E>;
  readonly #sender: Sender<E>;
  readonly #circuit: Circuit;
  readonly #newBatchId: () => string;
  #batch: Batch<E> | undefined;
  #part: Part<E> | undefined;
  /** Batches that were put off: one, but for the moment in which another joins it. */
  #late: Batch<E>[] = [];
  /** The destination refused the batch before and took nothing of it. */
  #isHopeless = false;
  isBusy = false;

  constructor(parts: SenderParts<E>, source: LaneSource<E>) {
    this.#source = source;
    this.#sender = new Sender(parts);
    this.#circuit = parts.circuit;
    this.#newBatchId = parts.newBatchId;
  }

  /** The position of the first event of its batches; beyond all positions when nothing is being sent. */
  get from(): number {
    return Math.min(this.#batch?.from ?? Number.POSITIVE_INFINITY, ...this.#late.map(({ from }) => from));
  }

  /** The events of its batches that are not settled yet. */
  get unsettled(): E[] {
    const batches = this.#batch ? [...this.#late, this.#batch] : this.#late;
    return [...(this.#part?.events ?? []), ...batches.flatMap(({ parts }) => parts.waiting)];
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
    for (let next = this.#next(); next; next = this.#next()) {
      await this.#sendBatch(next);
      await nextTurn();
    }
    this.isBusy = false;
    this.#source.idle();
  }

  /** What was put off waits behind one other batch, or until the destination has taken something. */
  #next(): Batch<E> | undefined {
    const [late] = this.#late;
    const isDue = late && (this.#late.length > 1 || this.#circuit.answers > late.answers);
    return (isDue ? undefined : this.#take()) ?? this.#late.shift();
  }

  #take(): Batch<E> | undefined {
    const taken = this.#source.take();
    if (!taken) return undefined;
    const { id = this.#newBatchId(), batch: events, from } = taken;
    return { from, parts: new Bisection({ id, events }, this.#isHopeless), answers: 0 };
  }

  /** Sends a batch, or its parts one after the other when it is refused. */
  async #sendBatch(batch: Batch<E>): Promise<void> {
    const { parts } = batch;
    this.#batch = batch;
    for (let part = parts.next(); part; part = parts.next()) {
      const isAccused = this.#isAccused(part);
      const isSuspect = isAccused || part.isSuspect;
      this.#part = part;
      const sent = await this.#sender.send(part, isSuspect);
      this.#part = undefined;
      if (!('overdue' in sent)) this.#judge(parts, part, sent);
      else if (isSuspect && part.events.length > 1) parts.suspected(part);
      else if (isAccused && part.putOff!.wasAccused)
        this.#refuse(part.events, sent.overdue, 'retry_exhausted');
      else return this.#putOff(batch, part, isAccused);
    }
    this.#isHopeless = parts.aside.length > 0;
    for (const { events, error } of parts.aside) this.#refuse(events, error, 'rejected');
    // Whoever was told by the last of these looks on a later turn, when the batch is over.
    this.#batch = undefined;
  }

  /** True when it was put off, and something else has been taken since. */
  #isAccused({ putOff }: Part<E>): boolean {
    return putOff !== undefined && this.#circuit.answers > putOff.answers;
  }

  #putOff(batch: Batch<E>, part: Part<E>, isAccused: boolean): void {
    const { answers } = this.#circuit;
    batch.parts.putOff(part, { answers, wasAccused: isAccused || part.putOff?.wasAccused === true });
    this.#late.push({ ...batch, answers });
    this.#batch = undefined;
  }

  #judge(parts: Bisection<E>, part: Part<E>, sent: Sent<E>): void {
    const { events } = part;
    if ('reason' in sent && sent.reason === 'rejected') {
      if (parts.refused(part, sent.error)) this.#refuse(events, sent.error, 'rejected');
    } else if ('reason' in sent && sent.reason === 'retry_exhausted') {
      if (events.length > 1) parts.suspected(part);
      else this.#refuse(events, sent.error, 'retry_exhausted');
    } else {
      if ('refusals' in sent && sent.refusals.length < events.length) parts.taken();
      this.#source.settle(events, sent);
    }
  }

  #refuse(events: readonly E[], error: unknown, kind: RefusalKind): void {
    const reason = messageOf(error);
    this.#source.settle(events, { refusals: events.map((event) => ({ event, reason })), kind });
  }
}
