import type { Signal } from '../signals/index.ts';

/** Knows which signals of which plugins have a spool that takes nothing, and when that is news. */
export class SpoolNews {
  readonly #failing = new Map<string, Set<Signal>>();

  /** True for a plugin with a spool that takes nothing. */
  isFailing(key: string): boolean {
    return this.#failing.has(key);
  }

  failed(key: string, signal: Signal): void {
    const signals = this.#failing.get(key) ?? new Set();
    this.#failing.set(key, signals.add(signal));
  }

  /** True when this was the last of the plugin. */
  healed(key: string, signal: Signal): boolean {
    const signals = this.#failing.get(key);
    if (!signals?.delete(signal) || signals.size > 0) return false;
    return this.#failing.delete(key);
  }
}
