import type { EnabledEntry } from './config/resolved.ts';
import { runSilenced } from './context.ts';
import type { Deliveries } from './delivery/deliveries.ts';
import type { DiagnosticsBook } from './diagnostics.ts';
import { isObsError, messageOf, ObsError } from './errors.ts';
import { withinDeadline } from './hooks.ts';
import { EntryHost, type HostParts, START_MS } from './host.ts';
import type { ObservabilityStorage } from './store.ts';

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

/** The entries of a host: applied once, started in the background, each on its own. */
export class Registry {
  readonly #hosts = new Map<string, EntryHost>();
  readonly #parts: HostParts;
  readonly #book: DiagnosticsBook;
  readonly #deliveries: Deliveries;
  readonly #retries = new Set<NodeJS.Timeout>();
  readonly #starting = new Set<Promise<void>>();
  #isStopped = false;

  constructor(parts: HostParts, book: DiagnosticsBook, deliveries: Deliveries) {
    this.#parts = parts;
    this.#book = book;
    this.#deliveries = deliveries;
  }

  get hosts(): ReadonlyMap<string, EntryHost> {
    return this.#hosts;
  }

  /** The stores that the entries registered; a second one of an entry gets a number. */
  get stores(): Map<string, ObservabilityStorage> {
    const stores = new Map<string, ObservabilityStorage>();
    for (const [key, host] of this.#hosts) {
      host.stores.forEach((store, index) => {
        stores.set(index === 0 ? key : `${key}.${index + 1}`, store);
      });
    }
    return stores;
  }

  /** True once the shutdown has come as far as the plugins: nothing further is asked of them. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /**
   * Lets a plugin place its taps.
   * @returns the mistakes found; what it placed stands, so the caller refuses to start when there are any.
   */
  apply(entry: EnabledEntry): ObsError[] {
    if (this.#isStopped) {
      return [new ObsError('OBS_HOST_SEALED', `"${entry.key}" is registered after the shutdown`)];
    }
    if (this.#hosts.has(entry.key)) {
      return [new ObsError('OBS_PLUGIN_DUPLICATE', `"${entry.key}" is registered already`)];
    }
    const host = new EntryHost(entry, this.#parts);
    this.#hosts.set(entry.key, host);
    this.#book.plugin(entry.key);
    for (const one of [...host.processors, host]) applyTo(one, entry, host.problems);
    host.startSteps.unshift(...host.processors.flatMap(({ startSteps }) => startSteps));
    for (const { signal, strategy } of host.strategies)
      this.#book.signal(entry.key, signal).strategy = strategy;
    this.#parts.hooks.start.tapPromise(entry.key, () => this.#start(host, 0, FIRST_RETRY_MS));
    return host.problems;
  }

  /** Starts an entry that was applied after the others had started. */
  start(key: string): void {
    const host = this.#hosts.get(key);
    if (!host || this.#isStopped) return;
    withinDeadline(this.#start(host, 0, FIRST_RETRY_MS), START_MS, false).catch((error) =>
      this.#book.startFailed(key, error),
    );
  }

  /** No further attempts to start. Waits for those under way, so that nothing opens after it was told to close. */
  async stop(deadlineMs: number): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#retries) clearTimeout(timer);
    await withinDeadline(Promise.all(this.#starting), deadlineMs, true).catch(() => undefined);
  }

  /** All entries are closed. */
  close(): void {
    this.#isStopped = true;
    for (const timer of this.#retries) clearTimeout(timer);
    for (const key of this.#hosts.keys()) this.#book.plugin(key).state = 'closed';
  }

  #start(host: EntryHost, from: number, retryMs: number): Promise<void> {
    const starting = this.#runSteps(host, from, retryMs).finally(() => this.#starting.delete(starting));
    this.#starting.add(starting);
    return starting;
  }

  /** Runs the start steps from `from` on; on a failure tries again later, while its events wait in their queues. */
  async #runSteps(host: EntryHost, from: number, retryMs: number): Promise<void> {
    let done = from;
    try {
      for (const step of host.startSteps.slice(from)) {
        await runSilenced(step);
        done++;
      }
    } catch (error) {
      this.#degrade(host, error, done, retryMs);
      return;
    }
    if (this.#isStopped) return;
    this.#book.plugin(host.key).state = 'running';
    this.#deliveries.open(host.key);
  }

  #degrade(host: EntryHost, error: unknown, done: number, retryMs: number): void {
    if (this.#isStopped) return;
    this.#book.startFailed(host.key, error);
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      void this.#start(host, done, Math.min(retryMs * 2, LAST_RETRY_MS));
    }, retryMs).unref();
    this.#retries.add(timer);
  }
}

/** Lets a plugin place its taps; from then on it can place none. What goes wrong is a problem of the entry. */
function applyTo(host: EntryHost, entry: EnabledEntry, problems: ObsError[]): void {
  try {
    refusePromise(host.apply());
  } catch (error) {
    problems.push(isObsError(error) ? error : applyFailed(entry, error));
  }
  host.seal();
}

/** A promise would hide what fails and what is tapped too late. */
function refusePromise(returned: unknown): void {
  if (typeof (returned as { then?: unknown } | null | undefined)?.then !== 'function') return;
  Promise.resolve(returned).catch(() => undefined);
  throw new TypeError('it returned a promise, and must not be async');
}

function applyFailed({ key, plugin }: EnabledEntry, cause: unknown): ObsError {
  return new ObsError('OBS_PLUGIN_APPLY', `apply() of "${key}" (${plugin.name}) threw: ${messageOf(cause)}`, {
    cause,
  });
}
