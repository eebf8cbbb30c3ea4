/** How a failed send is to be taken. */
export type SendFailureKind = 'permanent' | 'retryable' | 'ambiguous' | 'destination' | 'full';

const KIND = Symbol.for('obs.send-failure');

/** A failed send with its meaning. Anything else that is thrown counts as retryable. */
class SendError extends Error {
  readonly [KIND]: SendFailureKind;
  constructor(kind: SendFailureKind, message: string, cause: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this[KIND] = kind;
  }
}

/**
 * The destination will never accept these events as they are. A batch is divided until the events that it refuses stand
 * alone: those are counted as `rejected` and go to the dead letters, the others are delivered.
 */
export class PermanentError extends SendError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('permanent', message, options.cause);
    this.name = 'PermanentError';
  }
}

/**
 * Worth another try, not before `retryAfterMs` where the destination said so. `isUnreachable`: there was nobody to send
 * to, which says nothing about the events, so they are not given up for it.
 */
export class RetryableError extends SendError {
  readonly retryAfterMs: number | undefined;
  readonly isUnreachable: boolean;
  constructor(
    message: string,
    options: { retryAfterMs?: number; isUnreachable?: boolean; cause?: unknown } = {},
  ) {
    super('retryable', message, options.cause);
    this.name = 'RetryableError';
    this.retryAfterMs = options.retryAfterMs;
    this.isUnreachable = options.isUnreachable ?? false;
  }
}

/** The batch may have arrived (reset or timeout after sending): retried only where the manifest says that is safe. */
export class AmbiguousError extends SendError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('ambiguous', message, options.cause);
    this.name = 'AmbiguousError';
  }
}

/**
 * The destination takes nothing until somebody mends something: credentials, address, certificate. Sending pauses, the
 * events wait within the bounds of their queue, and the same batch is tried again every `retry.probeMs`.
 */
export class DestinationError extends SendError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('destination', message, options.cause);
    this.name = 'DestinationError';
  }
}

/** The spool has no room for these events, and none that may give way. */
export class FullError extends SendError {
  constructor(message: string) {
    super('full', message, undefined);
    this.name = 'FullError';
  }
}

/** What a failed send means. */
export function failureKind(error: unknown): SendFailureKind {
  return (error as { [KIND]?: SendFailureKind } | null)?.[KIND] ?? 'retryable';
}

/** True where the failure cannot be the fault of the events: the destination takes nothing, or is not there. */
export function isBlameless(error: unknown): boolean {
  const { isUnreachable } = (error ?? {}) as { isUnreachable?: unknown };
  return isUnreachable === true || failureKind(error) === 'destination';
}

/** The wait that a destination asked for, in milliseconds. */
export function retryAfterOf(error: unknown): number | undefined {
  const retryAfterMs = (error as { retryAfterMs?: unknown } | null)?.retryAfterMs;
  return typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? retryAfterMs : undefined;
}
