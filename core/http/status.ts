import { DestinationError, PermanentError, RetryableError } from '../delivery/outcome.ts';
import type { HttpAnswer } from './answer.ts';
import { retryAfterMs } from './retry-after.ts';

/** What the OTLP specification lets a client repeat. */
export const RETRY_STATUSES: readonly number[] = [429, 502, 503, 504];

/** Answers that are about us and not about what was sent: nothing will be taken until somebody mends it. */
const DESTINATION_STATUSES: Record<number, string> = {
  401: 'the credentials are not accepted',
  402: 'the account is not paid for',
  403: 'the credentials do not allow this',
  404: 'there is nothing at this address',
  405: 'this address does not take events',
};

const STATUS = Symbol.for('obs.http-status');

/** How much of an answer an error repeats. */
const EXCERPT_LENGTH = 300;

/** The failure that an answer other than 2xx is. `target` names where it came from; `mask` hides secrets. */
export function failureOf(
  answer: HttpAnswer,
  target: string,
  mask: (text: string) => string,
  retryStatuses: readonly number[],
): Error {
  const { status, headers, text } = answer;
  const start = `HTTP ${status} from ${target}`;
  const said = excerpt(mask(text));
  const meaning = DESTINATION_STATUSES[status];
  const message = [start, meaning, said && `it said "${said}"`].filter(Boolean).join(': ');
  const error = retryStatuses.includes(status)
    ? new RetryableError(message, asked(retryAfterMs(headers)))
    : meaning
      ? new DestinationError(message)
      : new PermanentError(message);
  return withStatus(error, status);
}

function asked(ms: number | undefined): { retryAfterMs?: number } {
  return ms === undefined ? {} : { retryAfterMs: ms };
}

function excerpt(text: string): string {
  const line = text.replace(/[\s\p{C}]+/gu, ' ').trim();
  return line.length > EXCERPT_LENGTH ? `${line.slice(0, EXCERPT_LENGTH)}…` : line;
}

/** Marks an error with the status of the answer that it stands for. */
export function withStatus<E extends Error>(error: E, status: number): E {
  return Object.defineProperty(error, STATUS, { value: status });
}

/** The HTTP status behind an error of `sendHttp`; undefined where there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return (error as { [STATUS]?: number } | null | undefined)?.[STATUS];
}

/** True for an answer 413: the same events may pass in smaller requests. */
export function isTooLarge(error: unknown): boolean {
  return statusOf(error) === 413;
}
