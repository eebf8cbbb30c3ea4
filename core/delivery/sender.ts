import { timerMs } from '../clock.ts';
import type { Send } from '../plugin.ts';
import { type Attempt, attemptSend } from './attempt.ts';
import { backoffMs } from './backoff.ts';
import type { DropReason } from './counts.ts';
import type { ResolvedDelivery } from './options.ts';
import { failureKind, PermanentError, retryAfterOf } from './outcome.ts';

/** What a sender needs. */
export interface SenderParts<E extends object> {
  send: Send<E>;
  options: ResolvedDelivery;
  /** False: a send that may have arrived is not repeated. */
  isRedeliverySafe: boolean;
  /** Makes the id of a batch. */
  newBatchId: () => string;
  /** 0 to 1, for jitter. */
  random: () => number;
  /** Told of every failure after which the batch is tried again. */
  onRetry: (error: unknown, count: number) => void;
}

/** What became of a batch: how many of its events were given up, and why; the others were delivered. */
export interface Sent {
  dropped: number;
  reason?: DropReason;
  error?: unknown;
}

/** Sends one batch at a time, with pauses and repeats, until it is delivered or given up. */
export class Sender<E extends object> {
  readonly #parts: SenderParts<E>;
  #isClosed = false;
  #abort: AbortController | undefined;
  #endPause: (() => void) | undefined;

  constructor(parts: SenderParts<E>) {
    this.#parts = parts;
  }

  /** Never rejects. */
  async send(batch: readonly E[]): Promise<Sent> {
    const { newBatchId, options, random, onRetry } = this.#parts;
    const batchId = newBatchId();
    let failedAt: number | undefined;
    for (let attempt = 1; !this.#isClosed; attempt++) {
      const result = await this.#attempt(batch, batchId, attempt);
      if (!('error' in result)) return refused(result);
      const { error } = result;
      failedAt ??= performance.now();
      const reason = this.#giveUpReason(error, performance.now() - failedAt);
      if (reason) return { dropped: batch.length, reason, error };
      onRetry(error, batch.length);
      await this.#pause(backoffMs(attempt, options.retry, retryAfterOf(error), random), error);
    }
    return { dropped: batch.length, reason: 'shutdown' };
  }

  /** Cuts a pause short, unless the destination asked for it. */
  hurry(): void {
    this.#endPause?.();
  }

  /** Aborts what is under way: it settles at once. */
  close(): void {
    this.#isClosed = true;
    this.#abort?.abort();
    this.#endPause?.();
  }

  async #attempt(batch: readonly E[], batchId: string, attempt: number): Promise<Attempt> {
    const { send, options } = this.#parts;
    this.#abort = new AbortController();
    const result = await attemptSend(send, batch, { batchId, attempt }, this.#abort, options.timeoutMs);
    this.#abort = undefined;
    return result;
  }

  #giveUpReason(error: unknown, elapsedMs: number): DropReason | undefined {
    if (this.#isClosed) return 'shutdown';
    const kind = failureKind(error);
    if (kind === 'permanent') return 'rejected';
    if (kind === 'ambiguous' && !this.#parts.isRedeliverySafe) return 'ambiguous';
    return elapsedMs >= this.#parts.options.retry.maxElapsedMs ? 'retry_exhausted' : undefined;
  }

  #pause(ms: number, error: unknown): Promise<void> {
    const isAsked = retryAfterOf(error) !== undefined;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timerMs(ms)).unref();
      this.#endPause = () => {
        if (isAsked && !this.#isClosed) return;
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function refused({ rejected, reason }: { rejected: number; reason: string }): Sent {
  if (rejected === 0) return { dropped: 0 };
  return { dropped: rejected, reason: 'rejected', error: new PermanentError(reason) };
}
