/** Ids of one generation; two are kept. */
const GENERATION = 131_072;
/** Ids beyond this long after the start say nothing of when they were made. */
export const WINDOW_MS = 30 * 24 * 60 * 60 * 1_000;

/**
 * Tells ids that are stored nowhere yet, without looking into the file: an id of ours begins with the milliseconds
 * since the epoch at which it was made, all that were written since the start are remembered, and when the oldest are
 * forgotten the horizon moves behind the newest of them. Whatever is not certain is not fresh.
 */
export class RecentIds {
  readonly #endMs: number;
  #horizonMs: number;
  #current = new Set<string>();
  #previous = new Set<string>();
  #currentMaxMs = 0;
  #previousMaxMs = 0;

  /** Knows of ids from `startMs` on; nothing of that time may be stored yet. */
  constructor(startMs: number) {
    this.#horizonMs = startMs;
    this.#endMs = startMs + WINDOW_MS;
  }

  /** True when nothing with this key was written before. `timeId` is the id that holds the time. */
  isFresh(timeId: string, key: string): boolean {
    const ms = timeOf(timeId);
    if (!(ms >= this.#horizonMs && ms <= this.#endMs)) return false;
    return !this.has(key);
  }

  /** True when it was written lately; false says nothing. */
  has(key: string): boolean {
    return this.#current.has(key) || this.#previous.has(key);
  }

  add(timeId: string, key: string): void {
    const ms = timeOf(timeId);
    if (!(ms >= this.#horizonMs && ms <= this.#endMs)) return;
    this.#current.add(key);
    if (ms > this.#currentMaxMs) this.#currentMaxMs = ms;
    if (this.#current.size >= GENERATION) this.#forgetOldest();
  }

  #forgetOldest(): void {
    if (this.#previous.size > 0) this.#horizonMs = Math.max(this.#horizonMs, this.#previousMaxMs + 1);
    this.#previous = this.#current;
    this.#previousMaxMs = this.#currentMaxMs;
    this.#current = new Set();
    this.#currentMaxMs = 0;
  }
}

/** The milliseconds in an id of 32 lower-case hex characters; NaN in any other. */
function timeOf(id: string): number {
  return id.length === 32 ? Number(`0x${id.slice(0, 12)}`) : Number.NaN;
}

/** How the ids of a millisecond begin. */
export function timePrefix(ms: number): string {
  return ms.toString(16).padStart(12, '0');
}
