import { runSilenced } from '../context.ts';
import { Sender, type SenderParts, type Sent } from './sender.ts';

/** Where a lane gets its batches. */
export interface LaneSource<E> {
  /** The next batch that is due and the position of its first event; undefined when none is. */
  take(): { batch: E[]; from: number } | undefined;
  settle(size: number, sent: Sent): void;
  /** Nothing is due any more. */
  idle(): void;
}

/** Sends that never wait for anything would keep the event loop from the application: after this long it has its turn. */
const SLICE_MS = 10;

/** Sends batches one after the other, as long as one is due. */
export class Lane<E extends object> {
  readonly #source: LaneSource<E>;
  readonly #sender: Sender<E>;
  isBusy = false;
  /** What is being sent. */
  batch: readonly E[] = [];
  /** The position of its first event; beyond all positions when nothing is being sent. */
  from = Number.POSITIVE_INFINITY;

  constructor(parts: SenderParts<E>, source: LaneSource<E>) {
    this.#source = source;
    this.#sender = new Sender(parts);
  }

  /** On a later turn: an emitter never pays for a send. */
  start(): void {
    this.isBusy = true;
    runSilenced(() => setImmediate(() => this.#sendAll()));
  }

  /** Cuts a pause short, unless the destination asked for it. */
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
      this.batch = next.batch;
      this.from = next.from;
      const sent = await this.#sender.send(next.batch);
      this.batch = [];
      this.from = Number.POSITIVE_INFINITY;
      this.#source.settle(next.batch.length, sent);
      if (performance.now() - turnAt < SLICE_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      turnAt = performance.now();
    }
    this.isBusy = false;
    this.#source.idle();
  }
}
