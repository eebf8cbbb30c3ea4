import { messageOf, PermanentError } from '../../../core/index.ts';
import type { Call, CallOptions } from '../access.ts';
import { decodeError, type EncodedError } from './encoded-error.ts';

/** What is asked of a database in another thread or process. */
export type Ask = Call | { kind: 'open' } | { kind: 'close' };

/** The id of questions whose answers nobody takes. */
export const UNHEARD = 0;

/** A question, or that its answer is wanted no more. Plain data. */
export type Request = { id: number; ask: Ask } | { id: number; abort: true };

/** The answer to a request, or how far it is. Plain data. */
export type Reply =
  | { id: number; result: unknown }
  | { id: number; error: EncodedError }
  | { id: number; progress: [done: number, total: number] };

/** Sends a request. */
export type Post = (request: Request) => void;

/** What was asked cannot be sent at all, such as a function among the records. */
export class UnsentError extends PermanentError {}

interface Waiting {
  ask: Ask;
  options: CallOptions;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
  abort: () => void;
}

/**
 * What waits for an answer. The way by which it is asked may end and be replaced: what waits is then asked again, in
 * the order in which it was asked first.
 */
export class Requests {
  readonly #waiting = new Map<number, Waiting>();
  readonly #onCount: (count: number) => void;
  #onSettled: (() => void)[] = [];
  #post: Post | undefined;
  #lastId = 0;

  /** `onCount` is told how many wait whenever that has changed. */
  constructor(onCount: (count: number) => void = () => {}) {
    this.#onCount = onCount;
  }

  /** How many wait. */
  get count(): number {
    return this.#waiting.size;
  }

  /** Resolves once nothing waits. */
  settled(): Promise<void> {
    if (this.count === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onSettled.push(resolve));
  }

  /** Resolves with the answer. An abort rejects at once, with its reason. */
  ask(ask: Ask, options: CallOptions = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { signal } = options;
      if (signal?.aborted) return reject(signal.reason);
      const id = ++this.#lastId;
      const waiting = { ask, options, resolve, reject, abort: () => this.#abort(id) };
      signal?.addEventListener('abort', waiting.abort);
      this.#waiting.set(id, waiting);
      this.#onCount(this.count);
      this.#send(id, waiting);
    });
  }

  /** From now on this is the way: what waits is sent at once. */
  connect(post: Post): void {
    this.#post = post;
    for (const [id, waiting] of this.#waiting) this.#send(id, waiting);
  }

  /** The way is gone; what waits, waits for the next one. */
  disconnect(): void {
    this.#post = undefined;
  }

  /** Takes an answer. One to a question that nobody waits for any more is ignored. */
  take(reply: Reply): void {
    if ('progress' in reply) this.#waiting.get(reply.id)?.options.onProgress?.(...reply.progress);
    else if ('error' in reply) this.#settle(reply.id)?.reject(decodeError(reply.error));
    else this.#settle(reply.id)?.resolve(reply.result);
  }

  /** Rejects everything that waits. */
  fail(errorFor: (ask: Ask) => unknown): void {
    for (const [id, { ask }] of this.#waiting) this.#settle(id)?.reject(errorFor(ask));
  }

  #send(id: number, { ask }: Waiting): void {
    try {
      this.#post?.({ id, ask });
    } catch (error) {
      this.#settle(id)?.reject(new UnsentError(messageOf(error), { cause: error }));
    }
  }

  #abort(id: number): void {
    const waiting = this.#settle(id);
    waiting?.reject(waiting.options.signal?.reason);
    this.#post?.({ id, abort: true });
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (!waiting) return undefined;
    this.#waiting.delete(id);
    waiting.options.signal?.removeEventListener('abort', waiting.abort);
    this.#onCount(this.count);
    if (this.count === 0) for (const resolve of this.#onSettled.splice(0)) resolve();
    return waiting;
  }
}
