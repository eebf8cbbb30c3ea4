import { randomUUID } from 'node:crypto';
import type { Signal } from '../../../core/index.ts';
import type { Committed } from '../write/committed.ts';

/** Changes that are remembered. */
const MAX_REMEMBERED = 10_000;

/** Something that was stored; a deletion cannot be told, only that there was one. */
export interface Change {
  of: Exclude<Signal, 'metrics'> | 'deletion';
  /** Of a trace or an event. */
  id: string;
}

/** What follows a cursor. */
export interface ChangesSince {
  changes: readonly Change[];
  cursor: string;
  /** True when something before may be missing. */
  hasGap: boolean;
}

/** What was committed lately, in order, for those who follow it. Its cursors end with it. */
export class ChangeLog {
  #token = randomUUID();
  #changes: Change[] = [];
  /** The number of changes before those that are remembered. */
  #forgotten = 0;

  /** Told of every commit, after it. */
  note({ spans, events, deleted }: Committed): void {
    const traceIds = new Set(spans.filter(({ isWhole }) => isWhole).map(({ traceId }) => traceId));
    for (const id of traceIds) this.#changes.push({ of: 'tracing', id });
    for (const { signal, id } of events) if (signal !== 'metrics') this.#changes.push({ of: signal, id });
    if (deleted.length > 0) this.#changes.push({ of: 'deletion', id: '' });
    // Twice as many are let in, so that it is not done each time.
    if (this.#changes.length > 2 * MAX_REMEMBERED) {
      this.#forgotten += this.#changes.length - MAX_REMEMBERED;
      this.#changes = this.#changes.slice(-MAX_REMEMBERED);
    }
  }

  /** Ends all cursors: others may have written meanwhile. */
  restart(): void {
    this.#token = randomUUID();
    this.#changes = [];
    this.#forgotten = 0;
  }

  /** Up to `limit` changes behind a cursor; without one, or with one that says nothing here, the cursor of now. */
  since(cursor: string | undefined, limit: number): ChangesSince {
    const now = this.#forgotten + this.#changes.length;
    const from = cursor === undefined ? now : this.#positionOf(cursor);
    if (from === undefined || from > now) return { changes: [], cursor: this.#cursorAt(now), hasGap: true };
    const found = this.#changes.slice(from - this.#forgotten, from - this.#forgotten + limit);
    return {
      changes: found.filter(({ of }) => of !== 'deletion'),
      cursor: this.#cursorAt(from + found.length),
      hasGap: found.some(({ of }) => of === 'deletion'),
    };
  }

  #cursorAt(position: number): string {
    return `${this.#token}:${position}`;
  }

  #positionOf(cursor: string): number | undefined {
    const [token, digits = ''] = cursor.split(':');
    const position = /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
    return token === this.#token && position >= this.#forgotten ? position : undefined;
  }
}
