import { timerMs } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { AmbiguousError } from './outcome.ts';

/** How long a send may take. */
export interface TimeLimit {
  ms: number;
  /** Told once two thirds of it are over. */
  onSlow?: () => void;
}

/**
 * Bounds one send: after the limit, or when `abort` is aborted from outside, its signal says so and its answer is no
 * longer awaited. What was on its way may still arrive, so the failure is ambiguous.
 */
export async function withTimeLimit<R>(
  sent: R | Promise<R>,
  abort: AbortController,
  { ms, onSlow }: TimeLimit,
): Promise<R> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new AmbiguousError(messageOf(abort.signal.reason)));
    abort.signal.addEventListener('abort', giveUp, { once: true });
    const wait = (due: () => void, waitMs: number) => {
      timer = setTimeout(due, timerMs(waitMs)).unref();
    };
    const slowMs = Math.ceil((ms * 2) / 3);
    wait(() => {
      onSlow?.();
      wait(() => abort.abort(new Error(`OBS_SEND_TIMEOUT: no answer within ${ms} ms`)), ms - slowMs);
    }, slowMs);
  });
  try {
    return await Promise.race([sent, late]);
  } finally {
    clearTimeout(timer);
  }
}
