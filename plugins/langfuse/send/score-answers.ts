import { type HttpAnswer, PermanentError, RetryableError } from '../../../core/index.ts';
import { recordOf } from '../map/attribute-text.ts';

/** A score that was refused, by its index in the batch. */
export interface Refused {
  index: number;
  reason: string;
}

/**
 * The scores that the answer to an array refuses. It says how many and not which: several are divided by throwing.
 * @throws PermanentError when some of several were refused.
 */
export function refusedOfArray({ text }: HttpAnswer, size: number): Refused[] {
  const { rejected, errors } = parsed(text);
  const count = Number(rejected) || 0;
  if (count <= 0) return [];
  const reasons = Array.isArray(errors) ? errors.map(messageIn) : [];
  if (count < size)
    throw new PermanentError(
      `Langfuse refused ${count} of ${size} scores: ${reasons[0] ?? 'no reason given'}`,
    );
  return Array.from({ length: size }, (_, index) => ({
    index,
    reason: reasons[index] ?? reasons[0] ?? 'no reason given',
  }));
}

/**
 * The scores that the answer of the ingestion API refuses, found by the ids of their envelopes. One that is not named
 * at all is refused too.
 * @throws PermanentError, to divide the batch, when the server failed on some of several scores; RetryableError when
 * it failed on the only one, and for an answer that cannot be read.
 */
export function refusedOfIngestion({ text }: HttpAnswer, ids: readonly string[]): Refused[] {
  const { successes, errors } = parsed(text);
  if (!Array.isArray(successes) && !Array.isArray(errors))
    throw new RetryableError('Langfuse did not say which scores it took');
  const accepted = new Set(listOf(successes).map(({ id }) => id));
  const failed = new Map(listOf(errors).map((error) => [error['id'], error]));
  const unwell = ids.map((id) => failed.get(id)).find(isServerFault);
  if (unwell && ids.length > 1) throw new PermanentError(`Langfuse failed on a score: ${messageIn(unwell)}`);
  if (unwell) throw new RetryableError(`Langfuse failed on a score: ${messageIn(unwell)}`);
  return ids.flatMap((id, index) => {
    const error = failed.get(id);
    if (error) return [{ index, reason: messageIn(error) }];
    return accepted.has(id) ? [] : [{ index, reason: 'the answer of Langfuse does not name it' }];
  });
}

function isServerFault(error: Record<string, unknown> | undefined): boolean {
  const status = error?.['status'];
  return typeof status === 'number' && (status >= 500 || status === 429);
}

function parsed(text: string): Record<string, unknown> {
  if (text === '') return {};
  try {
    return recordOf(JSON.parse(text)) ?? {};
  } catch {
    return {};
  }
}

function listOf(value: unknown): Record<string, unknown>[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  return list.map(recordOf).filter((entry) => entry !== undefined);
}

/** Langfuse says what was wrong in `error`, `message` is only its kind. */
function messageIn(value: unknown): string {
  const { message, error } = recordOf(value) ?? {};
  const said = [message, error].filter((part) => part !== undefined && part !== null);
  const words = said.map((part) => (typeof part === 'string' ? part : JSON.stringify(part)));
  return words.join(': ').slice(0, 300) || 'no reason given';
}
