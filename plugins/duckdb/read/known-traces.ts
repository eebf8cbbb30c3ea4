import { RecentMap } from '../../../core/index.ts';
import type { Row } from '../file/rows.ts';
import type { States } from '../file/states.ts';
import type { CommittedSpan } from '../write/committed.ts';
import type { TraceTotals } from './add-up.ts';

/** Characters of the rows that are remembered for certain; at most twice as many are. */
const CHARS = 4 * 1024 * 1024;

/** What a list shows of a trace. */
export interface KnownTrace {
  /** Its entry span. */
  entry: Row;
  totals: TraceTotals;
}

/**
 * Remembers traces as a list has shown them, until a commit touches them: whoever looks at a list looks again, and most
 * of it is as it was. They hold in one state of the database; each commit that is announced moves them on to the next
 * without what it touches, and whatever else changes the state ends them all.
 */
export class KnownTraces {
  readonly #states: States;
  #state: number | undefined;
  #traces = new RecentMap<string, KnownTrace>(CHARS);

  constructor(states: States) {
    this.#states = states;
  }

  /** Told of what a transaction writes, before its commit; the next state is that after it, whatever comes of it. */
  committing(spans: readonly Pick<CommittedSpan, 'traceId'>[]): void {
    const { now } = this.#states;
    if (now === undefined || now !== this.#state) {
      this.#forgetAll();
      return;
    }
    for (const { traceId } of spans) this.#traces.delete(traceId);
    this.#state = now + 1;
  }

  /** The trace as it is in a state. */
  get(state: number | undefined, traceId: string): KnownTrace | undefined {
    return state === undefined || state !== this.#state ? undefined : this.#traces.get(traceId);
  }

  /** Remembers what was read in a state, unless that is over or a commit is about to end it. */
  set(state: number | undefined, traceId: string, trace: KnownTrace): void {
    if (state === undefined || state !== this.#states.now || this.#state === state + 1) return;
    if (this.#state !== state) this.#forgetAll();
    this.#state = state;
    this.#traces.set(traceId, trace, charsOf(trace));
  }

  #forgetAll(): void {
    this.#traces = new RecentMap(CHARS);
    this.#state = undefined;
  }
}

function charsOf({ entry }: KnownTrace): number {
  return entry.reduce<number>((sum, cell) => sum + (typeof cell === 'string' ? cell.length : 8), 0);
}
