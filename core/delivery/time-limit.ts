import { timerMs } from '../clock.ts';
import { AmbiguousError } from './outcome.ts';

/**
 * Bounds one send: after the limit, or when `abort` is aborted from outside, its signal says so and its answer is no
 * longer awaited. What was on its way may still arrive, so the failure is ambiguous.
 */
export async function withTimeLimit<R>(
  sent: R | Promise<R>,
  abort: AbortController,
  limitMs: number,
): Promise<R> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new AmbiguousError(`OBS_SEND_TIMEOUT: no answer within ${limitMs} ms`));
    abort.signal.addEventListener('abort', giveUp, { once: true });
    timer = setTimeout(() => abort.abort(), timerMs(limitMs)).unref();
  });
  try {
    return await Promise.race([sent, late]);
  } finally {
    clearTimeout(timer);
  }
}
