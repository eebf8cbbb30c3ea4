import { finished, type Stream } from 'node:stream';
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

function watch(span: TracedSpan, result: unknown): unknown {
  if (isThenable(result)) return watchPromise(span, result);
  if (result instanceof ReadableStream) return watchWebStream(span, result);
  if (isNodeStream(result)) return watchNodeStream(span, result);
  if (isAsyncIterable(result)) return watchIterable(span, result);
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
  return new ReadableStream({
    async pull(controller) {
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
    async cancel(reason) {
      span.finish();
      await reader.cancel(reason);
    },
  });
}

function watchNodeStream<S extends Stream>(span: TracedSpan, stream: S): S {
  finished(stream as unknown as NodeJS.ReadableStream, (error) => {
    // A reader that stops early closes the stream on purpose; that is no failure of the operation.
    if (error && error.code !== 'ERR_STREAM_PREMATURE_CLOSE') span.fail(error);
    else span.finish();
  });
  return stream;
}

interface Iterator {
  next?: (...args: unknown[]) => Promise<IteratorResult<unknown>>;
  return?: (...args: unknown[]) => Promise<IteratorResult<unknown>>;
  throw?: (...args: unknown[]) => Promise<IteratorResult<unknown>>;
}

/** Keeps the identity of the iterable: only the methods that drive it are replaced on the object itself. */
function watchIterable(span: TracedSpan, iterable: AsyncIterable<unknown>): AsyncIterable<unknown> {
  try {
    if (typeof (iterable as Iterator).next === 'function') watchIterator(span, iterable as Iterator);
    else {
      const open = iterable[Symbol.asyncIterator].bind(iterable);
      const value = () => watchIterator(span, open() as Iterator);
      Object.defineProperty(iterable, Symbol.asyncIterator, { value, configurable: true, writable: true });
    }
  } catch {
    span.finish(); // a frozen object cannot be watched
  }
  return iterable;
}

function watchIterator(span: TracedSpan, iterator: Iterator): Iterator {
  for (const method of ['next', 'return', 'throw'] as const) {
    const original = iterator[method]?.bind(iterator);
    if (!original) continue;
    const value = async (...args: unknown[]) => {
      try {
        const step = await span.run(() => original(...args));
        if (step.done || method === 'return') span.finish();
        return step;
      } catch (error) {
        span.fail(error);
        throw error;
      }
    };
    Object.defineProperty(iterator, method, { value, configurable: true, writable: true });
  }
  return iterator;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function isNodeStream(value: unknown): value is Stream {
  const stream = value as { pipe?: unknown; on?: unknown } | null | undefined;
  return typeof stream?.pipe === 'function' && typeof stream.on === 'function';
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof (value as AsyncIterable<unknown> | null | undefined)?.[Symbol.asyncIterator] === 'function';
}
