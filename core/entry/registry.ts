import { withinDeadline } from '../bus/hooks.ts';
import type { Slot } from '../bus/slot.ts';
import { describe } from '../config/issues.ts';
import type { EnabledEntry, ResolvedConfig } from '../config/resolved.ts';
import type { ObservabilityStorage } from '../contract/store.ts';
import type { DiagnosticsBook } from '../diagnostics/diagnostics-book.ts';
import { isObsError, messageOf, ObsError } from '../errors.ts';
import { SIGNALS, type Signal } from '../signals/index.ts';
import { EntryLife } from './entry-life.ts';
import { EntryHost, type HostParts } from './host.ts';

/** The entries of a host: each applied once, started in the background and closed on its own. */
export class Registry {
  readonly #parts: HostParts;
  readonly #slot: Slot;
  readonly #book: DiagnosticsBook;
  #lives = new Map<string, EntryLife>();
  /** Those that a reload took out, until they have let go. */
  readonly #closing = new Map<EntryLife, Promise<void>>();
  #isStopped = false;

  constructor(parts: HostParts, slot: Slot, book: DiagnosticsBook) {
    this.#parts = parts;
    this.#slot = slot;
    this.#book = book;
  }

  get hosts(): ReadonlyMap<string, EntryHost> {
    return new Map([...this.#lives].map(([key, { host }]) => [key, host]));
  }

  /** Those of all entries that may still hold events: also of those that are being closed. */
  get living(): EntryHost[] {
    return [...this.#closing.keys(), ...this.#lives.values()].map(({ host }) => host);
  }

  /** The stores that the entries registered; a second one of an entry gets a number. */
  get stores(): Map<string, ObservabilityStorage> {
    const stores = new Map<string, ObservabilityStorage>();
    for (const [key, { host }] of this.#lives) {
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
    if (this.#lives.has(entry.key)) return [duplicate(entry)];
    const life = this.prepare(entry, this.#slot.config);
    this.#lives.set(entry.key, life);
    this.#note(life);
    this.#slot.add(life.host.placements);
    return life.host.problems;
  }

  /** Lets a plugin say what it will place, for a config that is not in force yet. Mistakes are in the host's `problems`. */
  prepare(entry: EnabledEntry, config: ResolvedConfig): EntryLife {
    const host = new EntryHost(entry, config, this.#parts);
    const steps = () => this.#slot.stepsOf(host.placements);
    const life = new EntryLife(host, { book: this.#book, steps });
    for (const one of [...host.processors, host]) applyTo(one, entry, host.problems);
    host.startSteps.unshift(...host.processors.flatMap(({ startSteps }) => startSteps));
    return life;
  }

  /** Puts a config and its entries in, in one step. Those that are no longer among them are the caller's to close. */
  replace(config: ResolvedConfig, lives: readonly EntryLife[]): void {
    const added = lives.filter((life) => this.#lives.get(life.key) !== life);
    this.#slot.fill(config, placementsOf(lives));
    this.#lives = new Map(lives.map((life) => [life.key, life]));
    for (const life of added) this.#note(life);
  }

  /** Switches a signal for all entries at once; undefined: as the config says. What is queued stays so. */
  switch(signal: Signal, isOn: boolean | undefined): void {
    if (!SIGNALS.includes(signal)) {
      const what = `setSignal: expected one of ${SIGNALS.join(', ')}, got ${describe(signal)}`;
      this.#book.warnOnce(what, what);
    } else if (!this.#isStopped) this.#slot.switch(signal, isOn, placementsOf(this.#lives.values()));
  }

  get lives(): EntryLife[] {
    return [...this.#lives.values()];
  }

  life(key: string): EntryLife | undefined {
    return this.#lives.get(key);
  }

  /** Closes an entry that was taken out; its counts stay. Never rejects. */
  async close(life: EntryLife, deadlineMs: number): Promise<void> {
    const { key } = life;
    const closed = life.close(deadlineMs, this.#lives.get(key)?.host);
    this.#closing.set(life, closed);
    await closed;
    this.#closing.delete(life);
    if (!this.#lives.has(key)) this.#book.closed(key);
  }

  /** No further attempts to start. Waits for those under way, so that nothing opens after it was told to close. */
  async stop(deadlineMs: number): Promise<void> {
    this.#isStopped = true;
    const stopped = [...this.#lives.values()].map((life) => life.stop(deadlineMs));
    const closed = withinDeadline(Promise.all(this.#closing.values()), deadlineMs, true);
    await Promise.all([...stopped, closed.catch(() => undefined)]);
  }

  /** All entries are closed. */
  end(): void {
    this.#isStopped = true;
    for (const [key, life] of this.#lives) {
      life.halt();
      this.#book.plugin(key).state = 'closed';
    }
  }

  #note({ host: { key, strategies } }: EntryLife): void {
    this.#book.opened(key);
    for (const { signal, strategy } of strategies) this.#book.signal(key, signal).strategy = strategy;
  }
}

function placementsOf(lives: Iterable<EntryLife>) {
  return [...lives].map(({ host }) => host.placements);
}

/** The key of an entry is taken. */
export function duplicate({ key }: EnabledEntry): ObsError {
  return new ObsError('OBS_PLUGIN_DUPLICATE', `"${key}" is registered already`);
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
