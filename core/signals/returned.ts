import { errorMonitor } from 'node:events';
import type { TracedSpan } from './span.ts';

/**
 * Calls `fn` with `span` current and ends the span when what `fn` returned is over: at once for a plain value, when
 * a promise settles, when a stream or async iterable closes. What `fn` throws is recorded on the span and thrown on.
 */
export function endWhenClosed<R>(span: TracedSpan, fn: () => R): R {
  let result: R;
  try {
    result = span.run(fn);
  } catch (error) {
    span.fail(error);
    throw error;
  }
  return watch(span, result) as R;
}

/** What the caller gets in place of `result`; a result that cannot be watched, such as a locked stream, as it is. */
function watch(span: TracedSpan, result: unknown): unknown {
  try {
    if (isThenable(result)) return watchPromise(span, result);
    if (result instanceof ReadableStream) return watchWebStream(span, result);
    if (isNodeStream(result)) return watchNodeStream(span, result);
    if (isAsyncIterable(result)) return watchIterable(span, result);
  } catch {
    span.finish();
    return result;
  }
  span.finish(result);
  return result;
}

function watchPromise(span: TracedSpan, promise: PromiseLike<unknown>): PromiseLike<unknown> {
  return promise.then(
    (value) => watch(span, value),
    (error) => {
      span.fail(error);
      throw error;
    },
  );
}

/** A web stream can be read from inside the runtime, unseen; so the caller gets a stream that passes it through. */
function watchWebStream(span: TracedSpan, stream: ReadableStream): ReadableStream {
  const reader = stream.getReader();
  const source = {
    async pull(controller: ReadableStreamDefaultController) {
      try {
        const { done, value } = await span.run(() => reader.read());
        if (!done) return controller.enqueue(value);
        span.finish();
        controller.close();
      } catch (error) {
        span.fail(error);
        controller.error(error);
      }
    },
    async cancel(reason: unknown) {
      span.finish();
      await reader.cancel(reason);
    },
  };
  // Nothing is read ahead of the caller: the source stays as lazy as it was.
  return new ReadableStream(source, { highWaterMark: 0 });
}

interface NodeStream extends NodeJS.EventEmitter {
  readableEnded?: boolean;
  writableFinished?: boolean;
  destroyed?: boolean;
  errored?: Error | null;
  readable?: boolean;
}

/** Listens without becoming the handler of its errors: a stream that fails unhandled fails as it would without us. */
function watchNodeStream(span: TracedSpan, stream: NodeStream): NodeStream {
  const finish = () => span.finish();
  // A reader that stops early closes or aborts the stream on purpose; that is no failure of the operation.
  const fail = (error?: Error & { code?: unknown }) =>
    error?.code === 'ABORT_ERR' ? finish() : span.fail(error);
  if (stream.errored) fail(stream.errored);
  else if (stream.destroyed || stream.readableEnded || stream.writableFinished) finish();
  stream.once(errorMonitor, fail);
  stream.once(stream.readable === undefined ? 'finish' : 'end', finish);
  stream.once('close', finish);
  return stream;
}

interface Driven {
  next?: Drive;
  return?: Drive;
  throw?: Drive;
}
type Drive = (...args: unknown[]) => Promise<IteratorResult<unknown>>;

/** Keeps the identity of the iterable: only the methods that drive it are replaced on the object itself. */
function watchIterable(span: TracedSpan, iterable: AsyncIterable<unknown>): AsyncIterable<unknown> {
  if (typeof (iterable as Driven).next === 'function') watchIterator(span, iterable as Driven);
  else {
    const open = iterable[Symbol.asyncIterator].bind(iterable);
    replace(iterable, Symbol.asyncIterator, () => openWatched(span, open as () => Driven));
  }
  return iterable;
}

function openWatched(span: TracedSpan, open: () => Driven): Driven {
  let iterator: Driven;
  try {
    iterator = span.run(open);
  } catch (error) {
    span.fail(error);
    throw error;
  }
  try {
    return watchIterator(span, iterator);
  } catch {
    span.finish(); // a frozen iterator cannot be watched
    return iterator;
  }
}

function watchIterator(span: TracedSpan, iterator: Driven): Driven {
  for (const method of ['next', 'return', 'throw'] as const) {
    // A loop that is left early says so by return(); an iterator without one is given one to hear it.
    const original = iterator[method]?.bind(iterator) ?? (method === 'return' ? returnNothing : undefined);
    if (original) replace(iterator, method, drive(span, original, method === 'return'));
  }
  return iterator;
}

function drive(span: TracedSpan, original: Drive, isLast: boolean): Drive {
  return async (...args) => {
    try {
      const step = await span.run(() => original(...args));
      if (step.done || isLast) span.finish();
      return step;
    } catch (error) {
      span.fail(error);
      throw error;
    }
  };
}

const returnNothing: Drive = async (value) => ({ done: true, value });

/** @throws for a frozen object. */
function replace(object: object, key: PropertyKey, value: unknown): void {
  Object.defineProperty(object, key, { value, configurable: true, writable: true });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function isNodeStream(value: unknown): value is NodeStream {
  const stream = value as { pipe?: unknown; on?: unknown } | null | undefined;
  return typeof stream?.pipe === 'function' && typeof stream.on === 'function';
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof (value as AsyncIterable<unknown> | null | undefined)?.[Symbol.asyncIterator] === 'function';
}
