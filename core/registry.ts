import type { EnabledEntry } from './config/resolved.ts';
import { runSilenced } from './context.ts';
import type { Deliveries } from './delivery/deliveries.ts';
import type { DiagnosticsBook } from './diagnostics.ts';
import { isObsError, messageOf, ObsError } from './errors.ts';
import { EntryHost, type HostParts } from './host.ts';

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

/** The entries of a host: applied once, started in the background, each on its own. */
export class Registry {
  readonly #hosts = new Map<string, EntryHost>();
  readonly #parts: HostParts;
  readonly #book: DiagnosticsBook;
  readonly #deliveries: Deliveries;
  readonly #retries = new Set<NodeJS.Timeout>();
  #isClosed = false;

  constructor(parts: HostParts, book: DiagnosticsBook, deliveries: Deliveries) {
    this.#parts = parts;
    this.#book = book;
    this.#deliveries = deliveries;
  }

  get hosts(): ReadonlyMap<string, EntryHost> {
    return this.#hosts;
  }

  /**
   * Lets a plugin place its taps.
   * @returns the mistakes found; what it placed stands, so the caller refuses to start when there are any.
   */
  apply(entry: EnabledEntry): ObsError[] {
    if (this.#hosts.has(entry.key)) {
      return [new ObsError('OBS_PLUGIN_DUPLICATE', `"${entry.key}" is registered already`)];
    }
    const host = new EntryHost(entry, this.#parts);
    this.#hosts.set(entry.key, host);
    this.#book.plugin(entry.key);
    try {
      entry.plugin.apply(host, entry.options);
    } catch (error) {
      host.problems.push(isObsError(error) ? error : applyFailed(entry, error));
    }
    host.seal();
    for (const { signal, strategy } of host.strategies)
      this.#book.signal(entry.key, signal).strategy = strategy;
    this.#parts.hooks.start.tapPromise(entry.key, () => this.#start(host, 0, FIRST_RETRY_MS));
    return host.problems;
  }

  /** Starts an entry that was applied after the others had started. */
  start(key: string): void {
    const host = this.#hosts.get(key);
    if (host) void this.#start(host, 0, FIRST_RETRY_MS);
  }

  /** No further attempts to start. */
  close(): void {
    this.#isClosed = true;
    for (const timer of this.#retries) clearTimeout(timer);
    for (const key of this.#hosts.keys()) this.#book.plugin(key).state = 'closed';
  }

  /** Runs the start steps from `from` on; on a failure tries again later, while its events wait in their queues. */
  async #start(host: EntryHost, from: number, retryMs: number): Promise<void> {
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
    if (this.#isClosed) return;
    this.#book.plugin(host.key).state = 'running';
    this.#deliveries.open(host.key);
  }

  #degrade(host: EntryHost, error: unknown, done: number, retryMs: number): void {
    if (this.#isClosed) return;
    this.#book.startFailed(host.key, error);
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      void this.#start(host, done, Math.min(retryMs * 2, LAST_RETRY_MS));
    }, retryMs).unref();
    this.#retries.add(timer);
  }
}

function applyFailed({ key, plugin }: EnabledEntry, cause: unknown): ObsError {
  return new ObsError('OBS_PLUGIN_APPLY', `apply() of "${key}" (${plugin.name}) threw: ${messageOf(cause)}`, {
    cause,
  });
}
