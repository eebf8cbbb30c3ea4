import { timerMs } from '../clock.ts';

/** Lets any number of callers wait for the next change of a state. */
export class Change {
  #waiting: (() => void)[] = [];

  /** Resolves at the next {@link notify}. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Resolves once the condition holds, or the time is over. */
  async until(isMet: () => boolean, deadlineMs: number): Promise<void> {
    let isLate = false;
    const giveUp = () => {
      isLate = true;
      this.notify();
    };
    // Holds the process on purpose: somebody is waiting.
    const timer = setTimeout(giveUp, timerMs(deadlineMs));
    while (!isMet() && !isLate) await this.next();
    clearTimeout(timer);
  }

  notify(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
