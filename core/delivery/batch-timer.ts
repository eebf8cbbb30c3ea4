import { timerMs } from '../clock.ts';
import { runSilenced } from '../context/context.ts';

/** Ends the wait of a batch for company: once started, it is due after its time, unless it is stopped before. */
export class BatchTimer {
  readonly #ms: number;
  readonly #due: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, due: () => void) {
    this.#ms = ms;
    // Made once: this is started for each event.
    this.#due = () => {
      this.#timer = undefined;
      due();
    };
  }

  /** Does nothing while it runs. */
  start(): void {
    this.#timer ??= newTimer(this.#due, this.#ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Outside the context of whoever emits, and without keeping the process. */
export function newTimer(due: () => void, ms: number): NodeJS.Timeout {
  return runSilenced(() => setTimeout(due, timerMs(ms))).unref();
}
