import { messageOf } from '../../../core/index.ts';

const FIRST_MS = 60_000;
const EVERY_MS = 5 * 60_000;

/** Repeats a deletion of what is too old or too much, for as long as a database is open. */
export class Pruning {
  readonly #prune: (signal: AbortSignal) => Promise<unknown>;
  #timer: NodeJS.Timeout | undefined;
  #abort = new AbortController();
  #failure: string | undefined;

  /** `prune` shall end soon after its signal. */
  constructor(prune: (signal: AbortSignal) => Promise<unknown>) {
    this.#prune = prune;
  }

  /** Why the last one failed; undefined once one has succeeded. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** The first is a minute later, then one every five minutes; safe to repeat. */
  start(): void {
    if (this.#timer) return;
    this.#abort = new AbortController();
    this.#wait(FIRST_MS);
  }

  /** Ends one that is under way. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#abort.abort();
  }

  #wait(delayMs: number): void {
    const { signal } = this.#abort;
    this.#timer = setTimeout(async () => {
      try {
        await this.#prune(signal);
        this.#failure = undefined;
      } catch (error) {
        if (!signal.aborted) this.#failure = messageOf(error);
      }
      if (!signal.aborted) this.#wait(EVERY_MS);
    }, delayMs).unref();
  }
}
