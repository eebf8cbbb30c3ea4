import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { runSilenced } from '../context/context.ts';
import type { DiagnosticsBook } from '../diagnostics/diagnostics-book.ts';
import { messageOf } from '../errors.ts';
import { printableJson } from '../printable.ts';
import type { Signal } from '../signals/index.ts';
import { bytesOf } from '../snapshot/snapshot.ts';
import type { Refusal } from './attempt.ts';
import { Change } from './change.ts';
import { appendLines } from './dead-letter-file.ts';
import { fileNameOf } from './file-name.ts';

/** One line of a file of dead letters. */
export interface DeadLetter {
  /** The plugin entry whose destination refused the event. */
  key: string;
  signal: Signal;
  /** What the destination said. */
  reason: string;
  /** When, as an ISO 8601 time. */
  at: string;
  /** As the plugin got it: secrets are redacted. */
  event: unknown;
}

/** What dead letters are made of. */
export interface DeadLettersParts {
  book: DiagnosticsBook;
  clock: Clock;
  /** Absolute; made when there is something to write. */
  dataDir: string;
  /** False: refused events are counted and not kept. */
  isEnabled: boolean;
}

interface Waiting extends Omit<DeadLetter, 'at' | 'event'> {
  atMs: number;
  event: object;
  bytes: number;
}

/** Bytes of one file; beyond them refused events are counted and not kept. */
export const MAX_DEAD_LETTER_BYTES = 64_000_000;
/** Bytes that wait for the disk. */
const MAX_WAITING_BYTES = 16_000_000;
/** Events that are made into lines at once: no more than an event loop bears. */
const CHUNK_ITEMS = 64;
const CHUNK_BYTES = 1_000_000;

/**
 * Keeps the events that destinations refused for good: a JSON line each in `<dataDir>/dead-letters/<key>.jsonl`. The
 * disk is written behind the back of delivery, which never waits for it and never hears of its failures; those are
 * warned about. Each refused event is counted in the diagnostics as written or as unwritten.
 */
export class DeadLetters {
  readonly #parts: DeadLettersParts;
  readonly #change = new Change();
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #isWriting = false;

  constructor(parts: DeadLettersParts) {
    this.#parts = parts;
  }

  /** Takes refused events of one signal of an entry. Never throws and never waits. */
  add(key: string, signal: Signal, refusals: readonly Refusal<object>[]): void {
    const atMs = this.#parts.clock.unixMicro() / 1000;
    for (const { event, reason } of refusals) {
      const bytes = event ? bytesOf(event) : 0;
      const isKept = this.#parts.isEnabled && this.#waitingBytes + bytes <= MAX_WAITING_BYTES;
      if (event && isKept) this.#wait({ key, signal, reason, atMs, event, bytes });
      else this.#parts.book.deadLetters(key, signal, 'unwritten', 1);
    }
    if (this.#isWriting || this.#waiting.length === 0) return;
    this.#isWriting = true;
    runSilenced(() => setImmediate(() => this.#writeAll()));
  }

  /** Resolves when the disk has, or has refused, what was added before; at the latest at the deadline. */
  flush(deadlineMs: number): Promise<void> {
    return this.#isWriting ? this.#change.until(() => !this.#isWriting, deadlineMs) : Promise.resolve();
  }

  #wait(waiting: Waiting): void {
    this.#waiting.push(waiting);
    this.#waitingBytes += waiting.bytes;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) await this.#write(this.#take());
    this.#isWriting = false;
    this.#change.notify();
  }

  /** The next events of one entry and signal, and not too many at once. */
  #take(): Waiting[] {
    const [first] = this.#waiting as [Waiting];
    let count = 0;
    for (let bytes = 0; count < CHUNK_ITEMS && bytes < CHUNK_BYTES; count++) {
      const next = this.#waiting[count];
      if (next?.key !== first.key || next.signal !== first.signal) break;
      bytes += next.bytes;
    }
    const chunk = this.#waiting.splice(0, count);
    for (const { bytes } of chunk) this.#waitingBytes -= bytes;
    return chunk;
  }

  async #write(chunk: readonly Waiting[]): Promise<void> {
    const { book, dataDir } = this.#parts;
    const { key, signal } = chunk[0]!;
    let written = 0;
    try {
      const path = join(dataDir, 'dead-letters', `${fileNameOf(key)}.jsonl`);
      const lines = chunk.flatMap(lineOf);
      written = await appendLines(path, lines, MAX_DEAD_LETTER_BYTES);
      if (written < lines.length) warn(book, key, `${path} is full (${MAX_DEAD_LETTER_BYTES} bytes)`);
    } catch (error) {
      warn(book, key, messageOf(error));
    }
    book.deadLetters(key, signal, 'written', written);
    book.deadLetters(key, signal, 'unwritten', chunk.length - written);
  }
}

function warn(book: DiagnosticsBook, key: string, why: string): void {
  book.warnOnce(
    `${key} dead letters`,
    `events that the destination of "${key}" refused are counted and not kept: OBS_DEAD_LETTERS: ${why}`,
    'ERROR',
  );
}

/** None for an event that is no JSON; a store may have refused it for that. */
function lineOf({ key, signal, reason, atMs, event }: Waiting): string[] {
  const letter: DeadLetter = { key, signal, reason, at: new Date(atMs).toISOString(), event };
  try {
    return [`${printableJson(JSON.stringify(letter))}\n`];
  } catch {
    return [];
  }
}
