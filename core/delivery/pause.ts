import { timerMs } from '../clock.ts';

/** The pause of a sender between two attempts. */
export class Pause {
  #end: (() => void) | undefined;
  #isFixed = false;
  /** When it ends, as `performance.now()` has it, where nothing can cut it short; undefined otherwise. */
  fixedUntil: number | undefined;

  /**
   * Resolves after a time, or when it is cut short.
   * @param isFixed it is the destination's wish: only {@link end} cuts it short.
   */
  wait(ms: number, isFixed: boolean): Promise<void> {
    this.#isFixed = isFixed;
    this.fixedUntil = isFixed ? performance.now() + ms : undefined;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.end(), timerMs(ms)).unref();
      this.#end = () => {
        clearTimeout(timer);
        this.fixedUntil = undefined;
        resolve();
      };
    });
  }

  /** Ends it now, unless it is fixed. */
  hurry(): void {
    if (!this.#isFixed) this.end();
  }

  /** Ends it now. */
  end(): void {
    this.#end?.();
    this.#end = undefined;
  }
}
