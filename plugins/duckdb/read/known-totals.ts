import type { States } from '../file/states.ts';

/** Totals that are remembered. */
const MAX_KNOWN = 100;

/** The totals of one state of the database; undefined where they are not known or must not be remembered. */
export interface Totals {
  /** The number of that state. */
  readonly state: number | undefined;
  get(filters: unknown): number | undefined;
  set(filters: unknown, total: number): void;
}

/**
 * Remembers how many records have met which filters, until the next commit: a list has an exact total on every page,
 * and to count all costs more than to find one page.
 */
export class KnownTotals {
  readonly #states: States;
  #state: number | undefined;
  readonly #totals = new Map<string, number>();

  constructor(states: States) {
    this.#states = states;
  }

  /**
   * Takes the snapshot of a query by `begin`, and gives with its result what is known of that snapshot's state. `begin`
   * gives undefined when it may have taken none.
   */
  async during<R>(begin: () => Promise<R | undefined>): Promise<[R | undefined, Totals]> {
    const before = this.#states.now;
    const begun = await begin();
    const isSure = begun !== undefined && before !== undefined && before === this.#states.now;
    return [begun, isSure ? this.#of(before) : NOTHING_KNOWN];
  }

  #of(state: number): Totals {
    return {
      state,
      get: (filters) => (state === this.#state ? this.#totals.get(JSON.stringify(filters)) : undefined),
      set: (filters, total) => {
        // What a slow query finds out about a state that is over is of no use to anybody.
        if (state !== this.#states.now) return;
        if (state !== this.#state || this.#totals.size >= MAX_KNOWN) this.#totals.clear();
        this.#state = state;
        this.#totals.set(JSON.stringify(filters), total);
      },
    };
  }
}

const NOTHING_KNOWN: Totals = { state: undefined, get: () => undefined, set: () => {} };
