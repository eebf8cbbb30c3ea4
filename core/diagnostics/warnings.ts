/** Where warnings go; one line each, without a line end. */
export type Warn = (line: string) => void;

const QUIET_MS = 60_000;
/** Topics of one minute; beyond, made-up metric names would fill the memory and the terminal. */
const MAX_TOPICS = 500;

/** Warns about each topic at most once a minute. */
export class Warnings {
  readonly #warn: Warn;
  readonly #saidAt = new Map<string, number>();

  constructor(warn: Warn) {
    this.#warn = warn;
  }

  /** Says one line. */
  say(line: string): void {
    this.#warn(line);
  }

  /** Warns, unless it warned about the same topic within the last minute. Never throws. */
  once(topic: string, what: string | (() => string), level: 'INFO' | 'WARN' | 'ERROR'): void {
    const now = performance.now();
    if (this.#saidAt.size >= MAX_TOPICS) this.#forgetOld(now);
    if (this.#saidAt.has(topic) && now - this.#saidAt.get(topic)! < QUIET_MS) return;
    if (this.#saidAt.size >= MAX_TOPICS) return;
    this.#saidAt.set(topic, now);
    try {
      this.#warn(`obs ${level} ${typeof what === 'string' ? what : what()}`);
    } catch {
      // Whoever takes the warnings failed; there is nobody left to tell, and emitting must go on.
    }
  }

  #forgetOld(now: number): void {
    for (const [topic, at] of this.#saidAt) if (now - at >= QUIET_MS) this.#saidAt.delete(topic);
  }
}
