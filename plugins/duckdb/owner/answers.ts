import type { Access, CallOptions } from '../access.ts';
import { encodeError } from './encoded-error.ts';
import { type Ask, type Reply, type Request, UNHEARD } from './requests.ts';

/** Answers requests from another thread or process by way of a database that is at hand. */
export class Answers {
  readonly #access: Access;
  readonly #post: (reply: Reply) => void;
  readonly #aborts = new Map<number, AbortController>();
  readonly #running = new Set<Promise<boolean>>();
  /** Something was not done of which nobody takes the answer. */
  #isUnheard = false;

  constructor(access: Access, post: (reply: Reply) => void) {
    this.#access = access;
    this.#post = post;
  }

  /** Takes a request; resolves once it is answered, to whether all that it asked for was done. */
  take(request: Request): Promise<boolean> {
    if ('abort' in request) {
      this.#aborts.get(request.id)?.abort();
      return Promise.resolve(true);
    }
    const answered = this.#answer(request.id, request.ask);
    this.#running.add(answered);
    answered.then((isDone) => {
      this.#running.delete(answered);
      if (!isDone && request.id === UNHEARD) this.#isUnheard = true;
    });
    return answered;
  }

  /**
   * Resolves once everything taken so far is answered, to whether all of it was done; also what was answered before, if
   * nobody took that answer.
   */
  async settled(): Promise<boolean> {
    const done = await Promise.all(this.#running);
    const isDone = done.every(Boolean) && !this.#isUnheard;
    this.#isUnheard = false;
    return isDone;
  }

  /** Nobody wants the answers any more. Writes are done nevertheless. */
  abandon(): void {
    for (const abort of this.#aborts.values()) abort.abort();
  }

  async #answer(id: number, ask: Ask): Promise<boolean> {
    const abort = new AbortController();
    this.#aborts.set(id, abort);
    try {
      const onProgress = (done: number, total: number) => this.#post({ id, progress: [done, total] });
      const result = await this.#do(ask, { signal: abort.signal, onProgress });
      this.#post({ id, result });
      return isWhole(result);
    } catch (error) {
      this.#post({ id, error: encodeError(error) });
      return false;
    } finally {
      this.#aborts.delete(id);
    }
  }

  #do(ask: Ask, options: CallOptions): Promise<unknown> {
    if (ask.kind === 'open') return this.#access.open();
    if (ask.kind === 'close') return this.#access.close();
    return this.#access.call(ask, options);
  }
}

/** False for a write that left records out. */
function isWhole(result: unknown): boolean {
  const rejected = (result as { rejected?: readonly unknown[] } | undefined)?.rejected;
  return !Array.isArray(rejected) || rejected.length === 0;
}
