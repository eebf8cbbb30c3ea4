import { isDeepStrictEqual } from 'node:util';
import type { ExportedSpan } from '../../core/index.ts';
import { assertSound } from './sound.ts';

/** A value, and the `seq` of the snapshot that it came with. */
interface Field {
  value: unknown;
  seq: number;
}

/** What is known of one span, field by field. */
interface StoredSpan {
  seq: number | undefined;
  fields: Map<string, Field>;
}

const IDENTITY = ['traceId', 'id'] as const;
const REQUIRED = [...IDENTITY, 'name', 'type', 'startUnixMicro'] as const;

/** Spans by trace. Whatever comes how often and in which order: of each field the value with the highest `seq` stays. */
export class SpanTable {
  readonly #maxSpans: number;
  readonly #onDrop: (count: number) => void;
  readonly #traces = new Map<string, Map<string, StoredSpan>>();
  #count = 0;

  constructor(maxSpans: number, onDrop: (count: number) => void) {
    this.#maxSpans = maxSpans;
    this.#onDrop = onDrop;
  }

  /** The ids of all traces with a whole span, in the order in which they came. */
  get traceIds(): string[] {
    const isRead = (trace: ReadonlyMap<string, StoredSpan>) => [...trace.values()].some(isWhole);
    return [...this.#traces].flatMap(([traceId, trace]) => (isRead(trace) ? [traceId] : []));
  }

  /** The spans of a trace, in no order. One of which only changes have come is not among them yet. */
  trace(traceId: string): ExportedSpan[] {
    return [...(this.#traces.get(traceId)?.values() ?? [])].flatMap((stored) => wholeSpan(stored) ?? []);
  }

  span(traceId: string, spanId: string): ExportedSpan | undefined {
    const stored = this.#traces.get(traceId)?.get(spanId);
    return stored && wholeSpan(stored);
  }

  all(): ExportedSpan[] {
    return this.traceIds.flatMap((traceId) => this.trace(traceId));
  }

  /** Stores a snapshot or a change; true when a whole span is new or different by it. @throws Error for a bad record. */
  merge(record: Partial<ExportedSpan>, isPart: boolean): boolean {
    assertSound(record, IDENTITY);
    const given = timed(record);
    assertSound(given, isPart ? IDENTITY : REQUIRED);
    const { traceId, id } = given as ExportedSpan;
    const trace = this.#traces.get(traceId) ?? new Map<string, StoredSpan>();
    this.#traces.set(traceId, trace);
    const stored: StoredSpan = trace.get(id) ?? { seq: undefined, fields: new Map() };
    if (!trace.has(id)) this.#count++;
    trace.set(id, stored);
    const isChanged = put(stored, given);
    this.#makeRoom();
    return isChanged && wholeSpan(stored) !== undefined;
  }

  delete(traceId: string): void {
    this.#count -= this.#traces.get(traceId)?.size ?? 0;
    this.#traces.delete(traceId);
  }

  clear(): void {
    this.#traces.clear();
    this.#count = 0;
  }

  #makeRoom(): void {
    while (this.#count > this.#maxSpans) {
      const [traceId, trace] = this.#traces.entries().next().value!;
      // Of the only trace there is, the oldest span.
      const dropped = this.#traces.size > 1 ? trace.size : 1;
      if (this.#traces.size > 1) this.#traces.delete(traceId);
      else trace.delete(trace.keys().next().value!);
      this.#count -= dropped;
      this.#onDrop(dropped);
    }
  }
}

function put(stored: StoredSpan, record: Partial<ExportedSpan>): boolean {
  // A change without a seq is newer than what is stored and older than the next snapshot.
  const seq = record.seq ?? Math.max(stored.seq ?? 0, 1) + 0.5;
  let isChanged = (record.seq ?? 0) > (stored.seq ?? 0);
  if (record.seq !== undefined) stored.seq = Math.max(record.seq, stored.seq ?? 0);
  for (const [key, value] of Object.entries(record)) {
    if (key === 'seq' || value === undefined) continue;
    const known = stored.fields.get(key);
    if (known && seq < known.seq) continue;
    isChanged ||= !known || !isDeepStrictEqual(known.value, value);
    stored.fields.set(key, { value: structuredClone(value), seq });
  }
  return isChanged;
}

function isWhole({ fields }: Pick<StoredSpan, 'fields'>): boolean {
  return REQUIRED.every((key) => fields.has(key));
}

/** The span as it is known. */
function wholeSpan({ seq, fields }: StoredSpan): ExportedSpan | undefined {
  if (!isWhole({ fields })) return undefined;
  const span = Object.fromEntries([...fields].map(([key, { value }]) => [key, value]));
  return { ...span, ...(seq !== undefined && { seq }) } as unknown as ExportedSpan;
}

/** With each time in both of its forms. */
function timed(record: Partial<ExportedSpan>): Partial<ExportedSpan> {
  const { startTime, endTime, startUnixMicro, endUnixMicro } = record;
  const start = startUnixMicro ?? startTime?.getTime();
  const end = endUnixMicro ?? endTime?.getTime();
  return {
    ...record,
    ...(startUnixMicro === undefined && start !== undefined && { startUnixMicro: start * 1000 }),
    ...(startTime === undefined && start !== undefined && { startTime: new Date(start / 1000) }),
    ...(endUnixMicro === undefined && end !== undefined && { endUnixMicro: end * 1000 }),
    ...(endTime === undefined && end !== undefined && { endTime: new Date(end / 1000) }),
  };
}
