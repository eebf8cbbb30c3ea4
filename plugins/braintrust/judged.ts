import { RecentMap } from '../../core/index.ts';
import type { Row } from './map.ts';
import type { Judgement } from './scores.ts';

/** A judgement as it was sent, and when: a number that counts up. */
interface Noted {
  judgement: Judgement;
  at: number;
  /** Characters of its JSON. */
  size: number;
}

/** Bytes of JSON that are remembered for certain. */
const BYTES = 4_000_000;

/**
 * Remembers what was said about rows that may come later. Braintrust replaces a row by one with the same id, and with
 * it the scores that it had: so a row takes with it the scores that went ahead, and those that overtook it are said
 * again behind it.
 */
export class Judged {
  /** By row, then by event: an event that is sent again counts once. */
  readonly #rows = new RecentMap<string, Map<string, Noted>>(BYTES);
  #count = 0;

  /** How many were remembered so far: a point in time for {@link since}. */
  get now(): number {
    return this.#count;
  }

  remember(rowId: string, eventId: string, judgement: Judgement): void {
    const noted = this.#rows.get(rowId) ?? new Map<string, Noted>();
    noted.set(eventId, { judgement, at: ++this.#count, size: JSON.stringify(judgement).length });
    this.#rows.set(rowId, noted, weightOf(noted));
  }

  /** For what Braintrust refused: it must not spoil the row. */
  forget(rowId: string, eventId: string): void {
    const noted = this.#rows.get(rowId);
    if (noted?.delete(eventId)) this.#rows.set(rowId, noted, weightOf(noted));
  }

  /** What was remembered about a row after a point in time, oldest first. */
  since(at: number, rowId: string): Judgement[] {
    const noted = this.#rows.get(rowId)?.values() ?? [];
    return [...noted].filter((one) => one.at > at).map((one) => one.judgement);
  }

  /** Gives a row the scores, the correction and the metadata that went ahead of it. */
  addTo(row: Row): void {
    for (const { feedback, merge } of this.since(0, row.id)) {
      if (feedback?.scores) row.scores = { ...row.scores, ...feedback.scores };
      if (feedback && 'expected' in feedback) row.expected = feedback.expected;
      for (const [kind, values] of Object.entries(merge?.metadata ?? {}))
        row.metadata = {
          ...row.metadata,
          [kind]: { ...objectOf(row.metadata?.[kind]), ...objectOf(values) },
        };
    }
  }
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function weightOf(noted: Map<string, Noted>): number {
  let bytes = 100;
  for (const { size } of noted.values()) bytes += size;
  return bytes;
}
