import { Worker, workerData } from 'node:worker_threads';
import { type HealthReport, messageOf, ObsError, type PartialResult } from '../../../core/index.ts';
import type { Access, Call, CallOptions } from '../access.ts';
import { previewMigration } from '../care/preview-migration.ts';
import type { DatabaseOptions } from '../file/open.ts';
import { Answers } from './answers.ts';
import { atExit } from './at-exit.ts';
import { type Ask, type Reply, Requests, UNHEARD, UnsentError } from './requests.ts';
import { sendable } from './sendable.ts';

/** Where DuckDB runs: in a worker thread of its own, or in the thread that uses it, which it then stops at times. */
export interface ThreadOptions extends DatabaseOptions {
  thread: 'worker' | 'main';
}

/** What the worker says: that it has started, or an answer. */
export type WorkerMessage = { ready: true } | Reply;

/** Milliseconds that the end of the process waits for a database to be closed. */
const HALT_MS = 2_000;

/** Marks the data that a worker of a store is given. */
const STORE_WORKER = 'obs.duckdb.worker';

/** The worker's module by its public name: it is found from the sources, the build and wherever that was copied. */
const WORKER = 'obs-kit/duckdb/worker';

/**
 * The way to a database whose work is done in a worker thread, so that this thread never waits for DuckDB. The worker
 * keeps the process alive while something is asked of it. One that dies fails what was asked and is started again.
 * Where no worker can be had, the same work is done in this thread.
 */
export class StoreThread implements Access {
  readonly #options: ThreadOptions;
  readonly #requests = new Requests((count) => this.#setBusy(count > 0));
  #worker: Worker | undefined;
  /** True while the work is done in this thread. */
  #isHere = false;
  /** Why there is no worker although one was wanted. */
  #whyHere: string | undefined;
  #isOpen = false;
  /** True once the end of the process has closed the database. */
  #isHalted = false;
  #forgetExit: () => void = () => {};
  #closing: Promise<void> | undefined;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    if (this.#closing) await this.#closing;
    const wasOpen = this.#isOpen;
    this.#isOpen = true;
    try {
      this.#start();
      await this.#requests.ask({ kind: 'open' });
    } catch (error) {
      this.#isOpen = wasOpen;
      throw error;
    }
  }

  async call(call: Call, options?: CallOptions): Promise<unknown> {
    // Opening would do what is only to be told.
    if (!this.#isOpen && isMigrationPreview(call)) return previewMigration(this.#options.path);
    if (!this.#isOpen) throw new ObsError('OBS_STORE_CLOSED', `${this.#options.path} is not open`);
    // After the end of a worker, the next one has to open the database first.
    const reopened = this.#start() && this.#requests.ask({ kind: 'open' });
    const answered = this.#ask(call, options);
    answered.catch(() => {});
    await reopened;
    return answered;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close().finally(() => {
      this.#closing = undefined;
    });
    return this.#closing;
  }

  /**
   * Does `calls` without returning to the event loop, after all that was asked before; for the end of the process.
   * True once everything is stored; false when the time is over, something failed, or there is no worker to wait for.
   */
  flushSync(calls: readonly Call[], deadlineMs: number): boolean {
    if (!this.#worker || !this.#isOpen) return false;
    // At the end of the process, either may come first: this, or the halt.
    return this.#finish(this.#isHalted ? [{ kind: 'open' }, ...calls, { kind: 'close' }] : calls, deadlineMs);
  }

  /** A worker that is ended while DuckDB works takes the process down with it, and its exit code. */
  #halt(): void {
    this.#isHalted = true;
    this.#finish([{ kind: 'close' }], HALT_MS);
  }

  /** Has the worker do this after all else, and waits for it without returning to the event loop. */
  #finish(asks: readonly Ask[], deadlineMs: number): boolean {
    const done = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    try {
      // Nobody will be there to take the answers.
      for (const ask of asks) this.#worker?.postMessage({ id: UNHEARD, ask });
    } catch {
      return false;
    }
    this.#worker?.postMessage({ settle: done });
    Atomics.wait(done, 0, 0, deadlineMs);
    return Atomics.load(done, 0) === 1;
  }

  async #ask(call: Call, options?: CallOptions): Promise<unknown> {
    try {
      const result = await this.#requests.ask(call, options);
      const isReport = call.kind === 'care' && call.task === 'inspect';
      return isReport ? this.#withThread(result as HealthReport) : result;
    } catch (error) {
      if (!(error instanceof UnsentError) || call.kind !== 'write') throw error;
      const { records, resultOf } = sendable(call.records);
      return resultOf((await this.#requests.ask({ ...call, records }, options)) as PartialResult);
    }
  }

  /** True when the work was not being done anywhere. */
  #start(): boolean {
    if (this.#worker || this.#isHere) return false;
    if (this.#options.thread === 'main' || isStoreWorker()) this.#workHere();
    else {
      try {
        this.#startWorker();
      } catch (error) {
        this.#workHere(messageOf(error));
      }
    }
    return true;
  }

  #startWorker(): void {
    const worker = newWorker(this.#options);
    let isReady = false;
    let failure: unknown;
    worker.on('message', (message: WorkerMessage) => {
      if ('ready' in message) isReady = true;
      else this.#requests.take(message);
    });
    worker.on('error', (error) => {
      failure = error;
    });
    worker.on('exit', (code) => {
      if (this.#worker === worker) this.#loseWorker(isReady, messageOf(failure ?? `exit code ${code}`));
    });
    this.#worker = worker;
    this.#forgetExit = atExit(() => this.#halt());
    this.#requests.connect((request) => worker.postMessage(request));
  }

  #loseWorker(wasReady: boolean, reason: string): void {
    this.#worker = undefined;
    this.#forgetExit();
    this.#requests.disconnect();
    if (!wasReady) this.#workHere(reason);
    else this.#requests.fail((ask) => lost(ask, this.#options.path, reason));
  }

  #workHere(why?: string): void {
    this.#isHere = true;
    this.#whyHere = why;
    // Only here: with a worker, this thread loads nothing of it.
    const loading = import('./keeper.ts').then(
      ({ Keeper }) => new Answers(new Keeper(this.#options), (reply) => this.#requests.take(reply)),
    );
    this.#requests.connect((request) => {
      loading.then((answers) => answers.take(request));
    });
  }

  async #close(): Promise<void> {
    this.#isOpen = false;
    if (!this.#worker && !this.#isHere) return;
    try {
      await this.#requests.ask({ kind: 'close' });
    } catch (error) {
      // A worker that is gone is closed.
      if (this.#worker || this.#isHere) throw error;
    } finally {
      const worker = this.#worker;
      this.#worker = undefined;
      this.#isHere = false;
      this.#forgetExit();
      this.#requests.disconnect();
      worker?.ref();
      await worker?.terminate();
    }
  }

  #setBusy(isBusy: boolean): void {
    if (isBusy) this.#worker?.ref();
    else this.#worker?.unref();
  }

  #withThread(report: HealthReport): HealthReport {
    if (this.#whyHere === undefined) return report;
    const what = `no worker thread could be had (${this.#whyHere}), so the store works in the application's own`;
    const { code, message, hint } = new ObsError('OBS_STORE_THREAD', what);
    return { ...report, problems: [...report.problems, { code, message, hint }] };
  }
}

/**
 * What an application preloads with `--import` would run in the worker too and start everything once more, this store
 * among it. The flags are needed only for running the sources; `NODE_OPTIONS` cannot be taken away so.
 */
function newWorker(options: ThreadOptions): Worker {
  const url = new URL(import.meta.resolve(WORKER));
  return new Worker(url, {
    workerData: { [STORE_WORKER]: true, ...options },
    env: { ...process.env, OBS_DISABLED: '1' },
    // A batch lives until its commit: with node's small default it would be moved to the old generation first.
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
    ...(!url.pathname.endsWith('.ts') && { execArgv: [] }),
  });
}

function isStoreWorker(): boolean {
  return (workerData as { [STORE_WORKER]?: unknown } | null)?.[STORE_WORKER] === true;
}

function isMigrationPreview(call: Call): boolean {
  return call.kind === 'care' && call.task === 'migrate' && call.args.dryRun === true;
}

function lost(ask: Ask, path: string, reason: string): ObsError {
  const code = ask.kind === 'read' ? 'OBS_STORE_READ' : 'OBS_STORE_WRITE';
  return new ObsError(code, `the worker thread of ${path} ended: ${reason}`, {
    hint: 'It is started again at the next call; a write may be repeated.',
  });
}
