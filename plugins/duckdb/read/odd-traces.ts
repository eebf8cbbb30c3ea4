import type { DuckDBConnection } from '@duckdb/node-api';
import type { Committed, CommittedSpan } from '../write/committed.ts';
import { entriesSql, isOneOfSql } from './entries.ts';
import { rowsOf } from './rows-of.ts';

/** Odd traces beyond this are not told apart: then most are odd, and a list looks at all spans. */
const MAX_ODD = 20_000;
/** Traces about which nothing is certain; beyond this all are looked at again. */
const MAX_UNKNOWN = 50_000;
/** Plain traces of one generation; two are kept. */
const MAX_PLAIN = 32_768;
/** Milliseconds until another look at a file with too many. */
const TOO_MANY_MS = 60_000;

/**
 * Knows the traces that a list cannot recognise by one span. In a plain trace exactly one span has `is_root_span`, and
 * that is its entry span; all others are odd.
 *
 * A list reads a snapshot while commits go on, so what it is given may contain too many traces, since an odd one is
 * only looked at more closely, but never too few. Three rules make sure of that. A trace comes in before the commit
 * that touches it, so it is in whatever snapshot has it. It goes out only by what was read in a snapshot that was taken
 * when all commits which had touched it were over. And of lists that begin, one at a time takes its snapshot and then
 * this set, so that none goes out in between.
 */
export class OddTraces {
  readonly #plain = new PlainTraces();
  #odd = new Set<string>();
  /** Touched by commits that are over, and not looked at since. */
  #unknown = new Set<string>();
  /** Touched by the commit under way. */
  #inFlight = new Set<string>();
  /** False before the first look at the file, and after too much has happened since. */
  #isScanned = false;
  #isBeginning = false;
  #tooManyUntilMs = 0;
  #tail: Promise<unknown> = Promise.resolve();

  /** Told of what a transaction writes, before its commit. */
  committing(spans: readonly CommittedSpan[]): void {
    // No other commit is under way: whatever came of the last one, it is over.
    this.#settle();
    for (const span of spans) {
      if (!span.isWhole || this.#plain.isStillPlain(span)) continue;
      this.#plain.delete(span.traceId);
      this.#inFlight.add(span.traceId);
    }
  }

  /** Told of every commit, after it. */
  note({ deleted }: Pick<Committed, 'deleted'>): void {
    this.#settle();
    if (deleted === 'all') this.#plain.clear();
    for (const traceId of deleted === 'all' ? this.#odd : deleted) {
      this.#plain.delete(traceId);
      if (this.#odd.has(traceId)) this.#unknown.add(traceId);
    }
    if (deleted.length > 0) this.#tooManyUntilMs = 0;
  }

  /**
   * The traces that are odd in the snapshot of a connection, which must not have read anything in its transaction
   * before, and maybe some more; undefined when there are too many.
   */
  async in(connection: DuckDBConnection): Promise<ReadonlySet<string> | undefined> {
    const turn = this.#tail.then(() => this.#begin(connection));
    this.#tail = turn.catch(() => {});
    return turn;
  }

  async #begin(connection: DuckDBConnection): Promise<ReadonlySet<string> | undefined> {
    if (performance.now() < this.#tooManyUntilMs) return undefined;
    this.#isBeginning = true;
    try {
      if (!this.#isScanned) await this.#scan(connection);
      else if (this.#unknown.size > 0) await this.#look(connection);
      // Takes the snapshot.
      else await rowsOf(connection, 'SELECT 1 FROM obs_meta LIMIT 1', []);
    } finally {
      this.#isBeginning = false;
    }
    if (!this.#isScanned) return undefined;
    return new Set([...this.#odd, ...this.#unknown, ...this.#inFlight]);
  }

  /** Looks at all traces. */
  async #scan(connection: DuckDBConnection): Promise<void> {
    const rows = await rowsOf(connection, SCAN, []);
    if (rows.length > MAX_ODD) {
      this.#tooManyUntilMs = performance.now() + TOO_MANY_MS;
      return;
    }
    this.#odd = new Set(rows.map(([traceId]) => traceId as string));
    this.#isScanned = true;
  }

  /** Looks at the traces that were touched. */
  async #look(connection: DuckDBConnection): Promise<void> {
    const looked = this.#unknown;
    this.#unknown = new Set();
    try {
      const rows = await rowsOf(connection, LOOK, [JSON.stringify([...looked])]);
      for (const traceId of looked) this.#odd.delete(traceId);
      for (const [id, isPlain, isSure, entryId] of rows) {
        const traceId = id as string;
        if (!isPlain) this.#odd.add(traceId);
        else if (isSure && !this.#isTouched(traceId)) this.#plain.add(traceId, entryId as string);
      }
    } catch (error) {
      for (const traceId of looked) this.#unknown.add(traceId);
      throw error;
    }
    if (this.#odd.size > MAX_ODD) this.#rescan();
  }

  #settle(): void {
    if (this.#isScanned || this.#isBeginning) {
      for (const traceId of this.#inFlight) this.#unknown.add(traceId);
      if (this.#unknown.size > MAX_UNKNOWN && !this.#isBeginning) this.#rescan();
    }
    this.#inFlight.clear();
  }

  /** Forgets everything, as when the file was closed: the next list looks at all traces. */
  forget(): void {
    this.#rescan();
    this.#inFlight.clear();
    this.#plain.clear();
    this.#tooManyUntilMs = 0;
  }

  #rescan(): void {
    this.#isScanned = false;
    this.#odd.clear();
    this.#unknown.clear();
  }

  #isTouched(traceId: string): boolean {
    return this.#unknown.has(traceId) || this.#inFlight.has(traceId);
  }
}

/** Traces that are known to be plain by their only span without a parent, as many as were looked at lately. */
class PlainTraces {
  #current = new Map<string, string>();
  #previous = new Map<string, string>();

  add(traceId: string, entryId: string): void {
    if (this.#current.size >= MAX_PLAIN) {
      this.#previous = this.#current;
      this.#current = new Map();
    }
    this.#current.set(traceId, entryId);
  }

  delete(traceId: string): void {
    this.#current.delete(traceId);
    this.#previous.delete(traceId);
  }

  clear(): void {
    this.#current.clear();
    this.#previous.clear();
  }

  /** True when the trace was plain and a change to this span leaves it so. */
  isStillPlain({ traceId, spanId, hasParent, isRoot }: CommittedSpan): boolean {
    const entryId = this.#current.get(traceId) ?? this.#previous.get(traceId);
    if (entryId === undefined) return false;
    const isEntry = spanId === entryId;
    return hasParent !== isEntry && isRoot === isEntry;
  }
}

/**
 * Of the traces in a scope: whether each is plain, whether its entry span is its only one without a parent, and that
 * span's id.
 */
function judgeSql(scope: string): string {
  return `${entriesSql(scope)},
  counts AS (
    SELECT trace_id, count_if(is_root_span) AS marked, count_if(parent_span_id IS NULL) AS parentless
    FROM obs_spans WHERE ${scope} GROUP BY trace_id
  ),
  judged AS (
    SELECT trace_id, marked = 1 AND coalesce(e.is_root_span, false) AS is_plain, parentless = 1 AS is_sure, e.span_id
    FROM counts JOIN (SELECT * FROM obs_spans WHERE rowid IN (FROM entries)) e USING (trace_id)
  )`;
}

const LOOK = `WITH ${judgeSql(isOneOfSql('$1'))} SELECT trace_id, is_plain, is_sure, span_id FROM judged`;

const SCAN = `
  WITH suspects AS MATERIALIZED (
    SELECT trace_id FROM obs_spans GROUP BY trace_id
    HAVING count_if(is_root_span) <> 1 OR count_if(parent_span_id IS NULL) <> 1
      OR count_if(is_root_span AND parent_span_id IS NULL) <> 1
  ),
  ${judgeSql('trace_id IN (FROM suspects)')}
  SELECT trace_id FROM judged WHERE NOT is_plain LIMIT ${MAX_ODD + 1}`;
