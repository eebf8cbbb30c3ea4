import { SPANS } from '../file/columns.ts';
import type { Cell, Row } from '../file/rows.ts';

const NAMES = SPANS.columns.map(({ name }) => name);
const SEQ = NAMES.indexOf('seq');
/** The cell behind the span's own: which fields came with another `seq` than the row's. */
const FIELD_SEQS = NAMES.length;
const NOTHING: Row = new Array(FIELD_SEQS + 1).fill(null);

type FieldSeqs = Record<string, number>;

/**
 * What is known of a span once a snapshot or change has come: field by field the value with the highest `seq`, and
 * no field is erased by one that is absent. Order and repetition make no difference. A change without a `seq` is
 * newer than what is stored and older than the next snapshot.
 */
export function mergeSpan(stored: Row | undefined, incoming: Row): Row {
  if (!stored) {
    if (incoming[SEQ] !== null) return incoming;
    stored = NOTHING;
  }
  const seq = higher(stored[SEQ] as number | null, incoming[SEQ] as number | null);
  const storedSeq = seqReader(stored, (stored[SEQ] as number | null) ?? 0);
  const incomingSeq = seqReader(
    incoming,
    (incoming[SEQ] as number | null) ?? Math.max((stored[SEQ] as number | null) ?? 0, 1) + 0.5,
  );
  const merged: Row = [];
  const fieldSeqs: FieldSeqs = {};
  NAMES.forEach((name, index) => {
    const isIncoming = wins(stored[index]!, storedSeq(name), incoming[index]!, incomingSeq(name));
    merged.push((isIncoming ? incoming : stored)[index]!);
    const fieldSeq = (isIncoming ? incomingSeq : storedSeq)(name);
    if (merged[index] !== null && fieldSeq !== (seq ?? 0)) fieldSeqs[name] = fieldSeq;
  });
  merged[SEQ] = seq;
  delete fieldSeqs['seq'];
  merged.push(Object.keys(fieldSeqs).length === 0 ? null : JSON.stringify(fieldSeqs));
  return merged;
}

/** True when nothing of a row is different. */
export function isSameRow(a: Row, b: Row): boolean {
  for (let i = 0; i <= FIELD_SEQS; i++) if ((a[i] ?? null) !== (b[i] ?? null)) return false;
  return true;
}

function wins(stored: Cell, storedSeq: number, incoming: Cell, incomingSeq: number): boolean {
  if (incoming === null) return false;
  return stored === null || incomingSeq >= storedSeq;
}

function seqReader(row: Row, rowSeq: number): (name: string) => number {
  const text = row[FIELD_SEQS] ?? null;
  if (text === null) return () => rowSeq;
  const fieldSeqs = JSON.parse(text as string) as FieldSeqs;
  return (name) => fieldSeqs[name] ?? rowSeq;
}

function higher(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
