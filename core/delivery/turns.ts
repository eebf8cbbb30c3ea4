import { runSilenced } from '../context.ts';

/**
 * Gives each of those who send a turn of the event loop of its own. Immediates that are set in the same turn all run in
 * the next one: with several plugins, each of which makes a request out of hundreds of events, the application would wait
 * for all of them together.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  readonly #next = () => {
    const due = this.#waiting.shift();
    if (this.#waiting.length > 0) setImmediate(this.#next);
    due?.();
  };

  /** Calls it in a turn of its own, outside the context of whoever emits. It must not throw. */
  take(due: () => void): void {
    this.#waiting.push(due);
    if (this.#waiting.length === 1) runSilenced(() => setImmediate(this.#next));
  }
}
