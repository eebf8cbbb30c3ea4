import { messageOf, type PartialResult } from '../../../core/index.ts';

/** Records of a batch that can be sent to another thread, and why the others cannot. */
export interface Sendable {
  records: object[];
  /** What a write of these records answers, for the whole batch. */
  resultOf(written: PartialResult): PartialResult;
}

/** Leaves out what cannot be copied, such as a record with a function in it: it costs itself only. */
export function sendable(batch: readonly object[]): Sendable {
  const records: object[] = [];
  const positions: number[] = [];
  const unsent: { index: number; reason: string }[] = [];
  batch.forEach((record, index) => {
    try {
      records.push(structuredClone(record));
      positions.push(index);
    } catch (error) {
      unsent.push({ index, reason: messageOf(error) });
    }
  });
  const resultOf = ({ rejected }: PartialResult): PartialResult => {
    const refused = rejected.map(({ index, reason }) => ({ index: positions[index] ?? index, reason }));
    return { rejected: [...unsent, ...refused].sort((a, b) => a.index - b.index) };
  };
  return { records, resultOf };
}
