import type { Signal } from '../signals/index.ts';

/** Changes that are remembered. */
const MAX_REMEMBERED = 10_000;

/** Something that was stored; a deletion cannot be told, only that there was one. */
interface Change {
  of: Exclude<Signal, 'metrics'> | 'deletion';
  /** Of a trace or an event. */
  id: string;
}

/** What follows a cursor. */
export interface ChangesSince {
  /** Of a trace for tracing; each once, in the order of its last change. */
  ids: Record<Exclude<Signal, 'metrics'>, string[]>;
  cursor: string;
  /** True when something before may be missing. */
  hasGap: boolean;
}

/** For the `getChanges` of a store: what it stored last, in order, up to 10,000 changes. Its cursors end with it. */
export class ChangeLog {
  readonly #token = process.getBuiltinModule('node:crypto').randomUUID();
  #changes: Change[] = [];
  /** The number of changes before those that are remembered. */
  #forgotten = 0;

  /** Takes note of what was stored: the id of a trace or of an event. Nobody follows metrics. */
  note(signal: Signal, id: string): void {
    if (signal !== 'metrics') this.#note({ of: signal, id });
  }

  /** Takes note that something was deleted. */
  noteDeletion(): void {
    this.#note({ of: 'deletion', id: '' });
  }

  /** Up to `limit` changes behind a cursor; without one, or with one that says nothing here, the cursor of now. */
  since(cursor: string | undefined, limit: number): ChangesSince {
    const now = this.#forgotten + this.#changes.length;
    const from = cursor === undefined ? now : this.#positionOf(cursor);
    if (from === undefined || from > now) return this.#answer([], now, true);
    const found = this.#changes.slice(from - this.#forgotten, from - this.#forgotten + limit);
    return this.#answer(
      found,
      from + found.length,
      found.some(({ of }) => of === 'deletion'),
    );
  }

  #note(change: Change): void {
    this.#changes.push(change);
    // Twice as many are let in, so that it is not done each time.
    if (this.#changes.length <= 2 * MAX_REMEMBERED) return;
    this.#forgotten += this.#changes.length - MAX_REMEMBERED;
    this.#changes = this.#changes.slice(-MAX_REMEMBERED);
  }

  #answer(changes: readonly Change[], position: number, hasGap: boolean): ChangesSince {
    const idsOf = (of: Change['of']): string[] => {
      const ids = changes.filter((change) => change.of === of).map(({ id }) => id);
      return [...new Set(ids.reverse())].reverse();
    };
    const ids = {
      tracing: idsOf('tracing'),
      logs: idsOf('logs'),
      scores: idsOf('scores'),
      feedback: idsOf('feedback'),
    };
    return { ids, cursor: `${this.#token}:${position}`, hasGap };
  }

  #positionOf(cursor: string): number | undefined {
    const [token, digits = ''] = cursor.split(':');
    const position = /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
    return token === this.#token && position >= this.#forgotten ? position : undefined;
  }
}
