import type { Writable } from 'node:stream';
import { isatty, type WriteStream } from 'node:tty';
import { DestinationError } from '../../core/index.ts';
import type { Destination, Progress } from './destination.ts';

/** What is handed over at once: little enough for a terminal that blocks, much for a pipe. */
const CHUNK_LENGTH = 65_536;

/** The reader is gone and will not come back. */
const GONE = new Set(['EPIPE', 'ECONNRESET', 'EIO', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

/** Lines to a standard stream of the process, no faster than it takes them. The stream is never closed. */
export class StreamDestination implements Destination {
  readonly #name: 'stdout' | 'stderr';
  /** The chunk that the stream holds and the system may not have yet. Never rejects unobserved. */
  #pending: Promise<void> = Promise.resolve();

  constructor(name: 'stdout' | 'stderr') {
    this.#name = name;
  }

  get isTerminal(): boolean {
    return isatty(this.#name === 'stdout' ? 1 : 2);
  }

  get hasColour(): boolean {
    return this.isTerminal && (process[this.#name] as WriteStream).hasColors();
  }

  async open(): Promise<void> {}

  /**
   * Waits for each chunk, so a slow reader slows the writer instead of filling the memory. An attempt that is aborted
   * leaves at most one chunk in the stream; that chunk counts as written unless it turns out to have failed.
   */
  async append(lines: readonly string[], progress: Progress, abortSignal?: AbortSignal): Promise<void> {
    await abortable(this.sync(), abortSignal);
    while (progress.done < lines.length) {
      const start = progress.done;
      const end = chunkEnd(lines, start);
      progress.done = end;
      this.#pending = write(process[this.#name], `${lines.slice(start, end).join('\n')}\n`);
      this.#pending.catch(() => {
        progress.done = start;
      });
      await abortable(this.#pending, abortSignal);
    }
  }

  async sync(): Promise<void> {
    await this.#pending.catch(() => {}); // whoever wrote it was told
  }

  async close(): Promise<void> {
    await this.sync();
  }
}

function chunkEnd(lines: readonly string[], start: number): number {
  let end = start;
  for (let length = 0; end < lines.length && length < CHUNK_LENGTH; end++) length += lines[end]!.length;
  return end;
}

/** Resolves when the system has taken the text. */
function write(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // A failure comes twice: here, and a moment later as an 'error' event, which would end the process unheard.
    const heard = () => {};
    stream.on('error', heard);
    stream.write(text, (error) => {
      setImmediate(() => stream.off('error', heard));
      if (error) reject(meaningOf(error));
      else resolve();
    });
  });
}

function meaningOf(error: Error & { code?: string }): Error {
  if (!GONE.has(error.code ?? '')) return error;
  return new DestinationError(`nobody reads any more: ${error.message}`, { cause: error });
}

function abortable<R>(promise: Promise<R>, signal: AbortSignal | undefined): Promise<R> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
