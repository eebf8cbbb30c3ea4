import {
  type ExportedSpan,
  forEachInTurns,
  messageOf,
  type PartialResult,
  type TracingEvent,
} from '../../core/index.ts';
import { fitRow } from './fit.ts';
import type { Judged } from './judged.ts';
import type { Judgements } from './judgements.ts';
import { NOT_CONFIRMED } from './judgements.ts';
import type { ProjectLogs } from './logs.ts';
import { type Row, toRow } from './map.ts';

/** What sending spans needs. */
export interface SpanParts {
  logs: ProjectLogs;
  judged: Judged;
  judgements: Judgements;
  /** Bytes of a row; a larger one is truncated. */
  maxBytes: number;
}

/** Sends spans that have ended as rows, each together with what was said about it before. */
export class Spans {
  readonly #parts: SpanParts;

  constructor(parts: SpanParts) {
    this.#parts = parts;
  }

  /** A span that cannot be made a row is rejected. @throws as a request failed; the whole batch may come again. */
  async send(events: readonly TracingEvent[], abortSignal: AbortSignal): Promise<PartialResult> {
    const { logs, judged, judgements } = this.#parts;
    const before = judged.now;
    const rejected: { index: number; reason: string }[] = [];
    const places: number[] = [];
    const rows: Row[] = [];
    const texts: string[] = [];
    await forEachInTurns(events, ({ exportedSpan }, index) => {
      try {
        const row = this.#rowOf(exportedSpan);
        texts.push(this.#textOf(row));
        rows.push(row);
        places.push(index);
      } catch (error) {
        rejected.push({ index, reason: messageOf(error) });
      }
    });
    const missing = await logs.insert(rows, texts, abortSignal);
    for (const place of missing) rejected.push({ index: places[place]!, reason: NOT_CONFIRMED });
    await judgements.repeat(
      rows.flatMap(({ id }) => judged.since(before, id)),
      abortSignal,
    );
    return { rejected };
  }

  #rowOf(span: ExportedSpan): Row {
    const row = toRow(span);
    this.#parts.judged.addTo(row);
    return row;
  }

  #textOf(row: Row): string {
    const { maxBytes } = this.#parts;
    const text = fitRow(row, maxBytes);
    if (text === undefined) throw new Error(`the row does not fit into ${maxBytes} bytes, even truncated`);
    return text;
  }
}
