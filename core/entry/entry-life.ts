import { type HookTable, withinDeadline } from '../bus/hooks.ts';
import { runSilenced } from '../context/context.ts';
import { countdown } from '../countdown.ts';
import type { DiagnosticsBook } from '../diagnostics/diagnostics-book.ts';
import { type EntryHost, START_MS } from './host.ts';

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;
/** A queue that cannot be emptied leaves the plugin the rest of the time to write and to close in. */
const QUEUES_SHARE = 0.8;

/** What the life of an entry touches. */
export interface EntryLifeParts {
  book: DiagnosticsBook;
  /** The steps that the plugin placed, and no others. */
  steps: () => HookTable;
}

/** The life of one entry: it starts in the background, again and again until that succeeds, and closes by itself. */
export class EntryLife {
  readonly host: EntryHost;
  readonly #parts: EntryLifeParts;
  #starting: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(host: EntryHost, parts: EntryLifeParts) {
    this.host = host;
    this.#parts = parts;
    host.placements.step('start', () => this.#attempt(0, FIRST_RETRY_MS));
  }

  get key(): string {
    return this.host.key;
  }

  /** Starts it apart from the others. */
  start(): void {
    if (!this.#isStopped) void this.#parts.steps().start.promise({ deadlineMs: START_MS });
  }

  /** No further attempts to start. */
  halt(): void {
    this.#isStopped = true;
    clearTimeout(this.#retry);
  }

  /** Likewise; waits for the one under way, so that nothing opens after it was told to close. */
  async stop(deadlineMs: number): Promise<void> {
    this.halt();
    await withinDeadline(this.#starting, deadlineMs, true).catch(() => undefined);
  }

  /**
   * Sends what was accepted, lets the plugin write and let go, all within the deadline. What could not be sent by then
   * goes to the successor, or is lost and counted. Never rejects.
   */
  async close(deadlineMs: number, successor: EntryHost | undefined): Promise<void> {
    const left = countdown(deadlineMs);
    await this.host.placements.drain(deadlineMs * QUEUES_SHARE, successor?.placements);
    await this.stop(left() / 3);
    const { flush, shutdown } = this.#parts.steps();
    await flush.promise({ deadlineMs: left() / 2 });
    await shutdown.promise({ deadlineMs: left() });
  }

  #attempt(from: number, retryMs: number): Promise<void> {
    this.#starting = this.#runSteps(from, retryMs);
    return this.#starting;
  }

  /** Runs the start steps from `from` on; on a failure tries again later, while its events wait in their queues. */
  async #runSteps(from: number, retryMs: number): Promise<void> {
    let done = from;
    this.host.placements.start();
    try {
      for (const step of this.host.startSteps.slice(from)) {
        await runSilenced(step);
        done++;
      }
    } catch (error) {
      this.#degrade(error, done, retryMs);
      return;
    }
    if (this.#isStopped) return;
    this.#parts.book.started(this.key);
    this.host.placements.open();
  }

  #degrade(error: unknown, done: number, retryMs: number): void {
    if (this.#isStopped) return;
    this.#parts.book.startFailed(this.key, error);
    const again = () => void this.#attempt(done, Math.min(retryMs * 2, LAST_RETRY_MS));
    this.#retry = setTimeout(again, retryMs).unref();
  }
}
