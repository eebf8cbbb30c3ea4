/** A host as the end of its process sees it. */
export interface LivingHost {
  /** False: signals are none of its business. */
  handlesSignals: boolean;
  /** Ends by the deadline for a shutdown; never rejects. */
  flush(): Promise<unknown>;
  /** Likewise; the host leaves with {@link ProcessLife.remove}. */
  shutdown(): Promise<unknown>;
  /** Writes what can be written at once, and counts and says what is lost. Never throws. */
  writeLeft(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
type Signal = (typeof SIGNALS)[number];

/**
 * Watches the end of the process for all hosts in it, with one set of listeners that is gone when the last host is. A
 * natural end shuts the hosts down. A signal does so where nobody else listens for it, and then ends the process as it
 * would have; where somebody does, the hosts are flushed and the end is theirs. Whatever comes without either, as
 * `process.exit()` or an uncaught error, leaves time for a last write only.
 */
export class ProcessLife {
  readonly #hosts = new Set<LivingHost>();
  #isEnding = false;

  add(host: LivingHost): void {
    this.#hosts.add(host);
    this.#listen();
  }

  /** It has shut down. */
  remove(host: LivingHost): void {
    this.#hosts.delete(host);
    this.#listen();
  }

  /** Listens for what the hosts need, and for nothing else. */
  #listen(): void {
    const hosts = [...this.#hosts];
    toggle('beforeExit', this.#atNaturalEnd, hosts.length > 0);
    toggle('exit', this.#atExit, hosts.length > 0);
    const isHandling = hosts.some((host) => host.handlesSignals);
    // While a signal ends the process, the next SIGINT does so at once.
    toggle('SIGINT', this.#onSignal, isHandling && !this.#isEnding);
    toggle('SIGTERM', this.#onSignal, isHandling);
  }

  readonly #atNaturalEnd = () => {
    for (const host of this.#hosts) void host.shutdown();
  };

  readonly #atExit = () => {
    for (const host of this.#hosts) host.writeLeft();
  };

  readonly #onSignal = (signal: Signal) => {
    const hosts = [...this.#hosts].filter((host) => host.handlesSignals);
    if (isEndOfProcess(signal)) void this.#end(signal, hosts);
    else for (const host of hosts) void host.flush();
  };

  async #end(signal: Signal, hosts: readonly LivingHost[]): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#listen();
    // Not to end by itself meanwhile, which would be another exit code.
    const hold = setInterval(() => {}, 60_000);
    await Promise.all(hosts.map((host) => host.shutdown()));
    clearInterval(hold);
    // A process that a signal ends knows no exit event.
    this.#atExit();
    for (const name of SIGNALS) toggle(name, this.#onSignal, false);
    process.kill(process.pid, signal);
  }
}

const KEY = Symbol.for('obs.process-life');

/** The one of this process, shared by all copies of the package: they must not take each other for the application. */
export function processLife(): ProcessLife {
  const shared = globalThis as { [KEY]?: ProcessLife };
  shared[KEY] ??= new ProcessLife();
  return shared[KEY];
}

function toggle(event: string, listener: (...args: never[]) => void, isOn: boolean): void {
  const isListening = process.listeners(event as NodeJS.Signals).includes(listener as never);
  if (isOn && !isListening) process.on(event, listener as never);
  if (!isOn && isListening) process.off(event, listener as never);
}

/** True when the process would end by this signal, were it not for us. */
function isEndOfProcess(signal: Signal): boolean {
  // The system shields the first process of a container from signals that it does not listen for.
  if (process.pid === 1) return false;
  return process.listenerCount(signal) - yielding() <= 1;
}

const SIGNAL_EXIT = Symbol.for('signal-exit emitter');

/** Listeners of the package `signal-exit`, which ends the process itself as soon as nobody else listens. */
function yielding(): number {
  const v4 = (globalThis as { [SIGNAL_EXIT]?: { count?: unknown } })[SIGNAL_EXIT];
  const v3 = (process as { __signal_exit_emitter__?: { count?: unknown } }).__signal_exit_emitter__;
  return [v4?.count, v3?.count].reduce<number>(
    (sum, count) => sum + (typeof count === 'number' ? count : 0),
    0,
  );
}
