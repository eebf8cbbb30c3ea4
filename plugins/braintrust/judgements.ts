import {
  type FeedbackEvent,
  isTooLarge,
  type PartialResult,
  PermanentError,
  RecentMap,
  type ScoreEvent,
} from '../../core/index.ts';
import type { Judged } from './judged.ts';
import type { ProjectLogs } from './logs.ts';
import { type Judgement, judgementOfFeedback, judgementOfScore, type ScoreRanges } from './scores.ts';

/** A score or feedback. */
export type JudgementEvent = ScoreEvent | FeedbackEvent;

/** Pieces of feedback that are remembered for certain. */
const MAX_ARRIVED = 10_000;

/** What sending judgements needs. */
export interface JudgementParts {
  logs: ProjectLogs;
  judged: Judged;
  ranges: ScoreRanges;
  /** The root span of a trace, where it is known. */
  rootOf: (traceId: string) => string | undefined;
  /** Told of each number that is no score for Braintrust. */
  onOutOfRange: (name: string, value: number) => void;
}

/** A judgement on its way. */
interface Going {
  index: number;
  eventId: string;
  rowId: string;
  judgement: Judgement;
}

/** Sends scores and feedback to the rows they are about. */
export class Judgements {
  readonly #parts: JudgementParts;
  /** Feedback that arrived although its batch failed, which comes again whole or in parts: no comment is made twice. */
  readonly #arrived = new RecentMap<string, true>(MAX_ARRIVED);

  constructor(parts: JudgementParts) {
    this.#parts = parts;
  }

  /** One that is about no row we know is rejected. @throws as a request failed. */
  async send(events: readonly JudgementEvent[], abortSignal: AbortSignal): Promise<PartialResult> {
    const rejected: { index: number; reason: string }[] = [];
    const going: Going[] = [];
    events.forEach((event, index) => {
      const rowId = this.#rowIdOf(event);
      if (rowId === undefined) rejected.push({ index, reason: this.#reason(event) });
      else going.push({ index, rowId, eventId: event.id, judgement: this.#judgementOf(event, rowId) });
    });
    for (const { rowId, eventId, judgement } of going) this.#parts.judged.remember(rowId, eventId, judgement);
    const missing = await this.#write(going, abortSignal);
    return { rejected: [...rejected, ...missing] };
  }

  /**
   * Says again what overtook the rows that have just been written; their comments are safe from that. A refusal is not
   * about those rows, and was told to whoever sent it first. @throws what may pass at another time.
   */
  async repeat(judgements: readonly Judgement[], abortSignal: AbortSignal): Promise<void> {
    const items = judgements.flatMap(({ feedback }) => (feedback ? [withoutComment(feedback)] : []));
    const merges = judgements.flatMap(({ merge }) => (merge ? [merge] : []));
    try {
      await this.#parts.logs.insert(merges, texts(merges), abortSignal);
      await this.#parts.logs.feedback(texts(items), abortSignal, () => {});
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
    }
  }

  async #write(going: readonly Going[], abortSignal: AbortSignal) {
    const { logs } = this.#parts;
    try {
      const merged = going.filter(({ judgement }) => judgement.merge);
      const merges = merged.map(({ judgement }) => judgement.merge!);
      const missing = await logs.insert(merges, texts(merges), abortSignal);
      const said = going.filter(
        ({ judgement, eventId }) => judgement.feedback && !this.#arrived.has(eventId),
      );
      const items = said.map(({ judgement }) => judgement.feedback!);
      await logs.feedback(texts(items), abortSignal, (place) => {
        this.#arrived.set(said[place]!.eventId, true);
      });
      for (const { eventId } of going) this.#arrived.delete(eventId);
      return missing.map((place) => ({ index: merged[place]!.index, reason: NOT_CONFIRMED }));
    } catch (error) {
      // What is refused must not be refused once more as a part of its row.
      if (error instanceof PermanentError && !isTooLarge(error))
        for (const { rowId, eventId } of going) this.#parts.judged.forget(rowId, eventId);
      throw error;
    }
  }

  #judgementOf(event: JudgementEvent, rowId: string): Judgement {
    const { ranges, onOutOfRange } = this.#parts;
    const judgement =
      event.type === 'score'
        ? judgementOfScore(event, rowId, ranges)
        : judgementOfFeedback(event, rowId, ranges);
    if (judgement.outOfRange) onOutOfRange(judgement.outOfRange.name, judgement.outOfRange.value);
    return judgement;
  }

  #rowIdOf({ traceId, spanId }: JudgementEvent): string | undefined {
    return spanId ?? (traceId === undefined ? undefined : this.#parts.rootOf(traceId));
  }

  #reason({ type, traceId }: JudgementEvent): string {
    if (traceId === undefined) return `the ${type} names neither a span nor a trace`;
    return `the ${type} names trace ${traceId} only, whose root span was not seen by this process: give its spanId`;
  }
}

/** Why a row that was sent counts as refused. */
export const NOT_CONFIRMED = 'Braintrust did not confirm the row';

function texts(items: readonly object[]): string[] {
  return items.map((item) => JSON.stringify(item));
}

function withoutComment<T extends { comment?: string }>({ comment: _, ...item }: T): Omit<T, 'comment'> {
  return item;
}
