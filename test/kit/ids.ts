import type { IdSource } from '../../core/index.ts';

/** Ids that count up, so that a test knows them beforehand. */
export interface CountingIds extends IdSource {
  /** How many ids of any kind were drawn. */
  readonly drawn: number;
}

/** Ids 1, 2, 3, ... in hex, shared by traces, spans and events. */
export function createCountingIds(): CountingIds {
  let drawn = 0;
  const next = (digits: number) => (++drawn).toString(16).padStart(digits, '0');
  return {
    traceId: () => next(32),
    spanId: () => next(16),
    eventId: () => next(32),
    get drawn() {
      return drawn;
    },
  };
}
