import { randomUUID } from 'node:crypto';
import type { Signal } from '../../core/index.ts';

/** Changes that are remembered. */
const MAX_REMEMBERED = 10_000;

/** Something that was stored; a deletion cannot be told, only that there was one. */
export interface Change {
  of: Exclude<Signal, 'metrics'> | 'deletion';
  /** Of a trace or an event. */
  id: string;
}

/** What was stored lately, in order, for those who follow it. */
export class ChangeLog {
  readonly #token = randomUUID();
  #changes: Change[] = [];
  /** The number of changes before those that are remembered. */
  #forgotten = 0;

  note(of: Change['of'], id = ''): void {
    this.#changes.push({ of, id });
    if (this.#changes.length <= 2 * MAX_REMEMBERED) return;
    this.#forgotten += this.#changes.length - MAX_REMEMBERED;
    this.#changes = this.#changes.slice(-MAX_REMEMBERED);
  }

  /** Up to `limit` changes behind a cursor; without one, or with one that says nothing here, the cursor of now. */
  since(cursor: string | undefined, limit: number): { changes: Change[]; cursor: string; hasGap: boolean } {
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
