import type { ObservabilityBus } from '../bus/bus.ts';
import type { LifecycleStep } from '../bus/hooks.ts';
import type { Phases } from '../bus/phases.ts';
import type { Clock } from '../clock.ts';
import type { EnabledEntry, ResolvedConfig } from '../config/resolved.ts';
import { runSilenced, silently } from '../context/context.ts';
import {
  handlersOf,
  type InitExporterOptions,
  type ObservabilityExporter,
  type PluginLogger,
} from '../contract/exporter.ts';
import type {
  IngestResult,
  Phase,
  PluginHooks,
  PluginHost,
  Process,
  ProcessOptions,
} from '../contract/host.ts';
import type { Resource } from '../contract/resource.ts';
import type { DeliverOptions, Send } from '../contract/send.ts';
import { hintOf, type ObservabilityStorage } from '../contract/store.ts';
import type { Deliveries } from '../delivery/deliveries.ts';
import { type DeliveryOptions, resolveDelivery } from '../delivery/options.ts';
import type { DeliveryPlan } from '../delivery/parts.ts';
import { ObsError } from '../errors.ts';
import { bySignal, type EventOf, type ObservabilityEvent, SIGNALS, type Signal } from '../signals/index.ts';
import { VERSION } from '../version.ts';
import { type ChosenStrategy, chooseStrategies, connectStore } from './connect.ts';
import { type EntryCounts, entryPhases, shownTo } from './entry-phases.ts';
import { Placements } from './placements.ts';

/** What the hosts of all entries share. */
export interface HostParts extends EntryCounts {
  bus: ObservabilityBus;
  deliveries: Deliveries;
  clock: Clock;
  logger: (key: string) => PluginLogger;
  /** Takes note that an entry gave up events which it had taken. */
  lost: (key: string, signal: Signal, count: number, reason: string) => void;
}

/** What a processor of one entry is placed on: that entry's own phases, and what the entry places itself. */
interface Around {
  placements: Placements;
  phases: Phases;
}

type StartStep = () => void | Promise<void>;
/** What a plugin asks of a delivery; `redelivery` in place of what its manifest says. */
type Asked = DeliverOptions & { redelivery?: 'safe' | 'unsafe' | undefined };

/** The host as one plugin entry sees it, and what the entry placed on it. */
export class EntryHost implements PluginHost {
  readonly key: string;
  readonly hooks: PluginHooks;
  readonly deliver: PluginHost['deliver'];
  readonly process: PluginHost['process'];
  readonly logger: PluginLogger;
  readonly clock: Clock;
  readonly resource: Resource;
  readonly dataDir: string;
  readonly environment: string;
  readonly version = VERSION;

  /** The signals it tapped, whether or not the entry lets them through. */
  readonly tapped = new Set<Signal>();
  readonly stores: ObservabilityStorage[] = [];
  readonly strategies: ChosenStrategy[] = [];
  /** Mistakes in the manifest, in a hint or in the entry's strategies. */
  readonly problems: ObsError[] = [];
  /** The keys below the entry that a mistake is about; none of them: the entry itself. */
  readonly places = new Map<ObsError, readonly string[]>();
  /** What is to be done, in order, before its events are sent. */
  readonly startSteps: StartStep[] = [];
  readonly placements: Placements;
  readonly entry: EnabledEntry;
  /** The hosts of the entry's own processors; they go by its key, and place what they place with it. */
  readonly processors: readonly EntryHost[];
  readonly #parts: HostParts;
  /** What the entry's own processors do before it sees an event; undefined when it has none. */
  readonly #phases: Phases | undefined;
  #isSealed = false;

  /** @param around the entry that this one is a processor of. */
  constructor(entry: EnabledEntry, config: ResolvedConfig, parts: HostParts, around?: Around) {
    this.key = entry.key;
    this.entry = entry;
    this.#parts = parts;
    this.logger = parts.logger(entry.key);
    this.clock = parts.clock;
    this.resource = config.resource;
    this.dataDir = config.dataDir;
    this.environment = config.environment;
    this.placements = around?.placements ?? new Placements(entry.key, parts.deliveries);
    this.hooks = {
      ...bySignal((signal) => ({ tap: (fn: (event: never) => void) => this.#tap(signal, fn as never) })),
      start: { tap: (fn) => this.#onStart(() => fn({ deadlineMs: START_MS })) },
      flush: { tap: (fn) => this.#onStep('flush', fn) },
      shutdown: { tap: (fn) => this.#onStep('shutdown', fn) },
    } as PluginHooks;
    this.deliver = bySignal(
      (signal) => (send: Send<never>, options?: DeliverOptions) =>
        this.#deliver(signal, send as never, options),
    ) as unknown as PluginHost['deliver'];
    this.process = bySignal((signal) => (phase: Phase, process: Process<never>, options?: ProcessOptions) => {
      if (!this.#may(signal)) return;
      if (around) around.phases.add(signal, phase, this.key, process as never, options);
      else this.placements.process(signal, phase, process as never, options);
    }) as unknown as PluginHost['process'];
    this.#phases = entryPhases(entry, parts);
    const own = this.#phases && { placements: this.placements, phases: this.#phases };
    this.processors = (entry.processors ?? []).map(
      ({ plugin, options }) =>
        new EntryHost({ ...entry, plugin, options, processors: [] }, config, parts, own),
    );
  }

  /** Lets the plugin place its taps. @throws what it throws. */
  apply(): unknown {
    return this.entry.plugin.apply(this, this.entry.options);
  }

  /** From now on nothing can be tapped or registered. */
  seal(): void {
    this.#isSealed = true;
  }

  fetch: typeof globalThis.fetch = (...args) => runSilenced(() => globalThis.fetch(...args));

  async ingest(events: readonly ObservabilityEvent[]): Promise<IngestResult> {
    return { accepted: await this.#parts.bus.ingest(events) };
  }

  registerExporter(exporter: ObservabilityExporter): void {
    const handlers = handlersOf(exporter);
    const { key, resource, environment, logger, fetch, clock, version, dataDir } = this;
    const { serviceName } = resource;
    const lost: InitExporterOptions['lost'] = (...loss) => this.#parts.lost(key, ...loss);
    const told = { key, serviceName, resource, environment, logger, fetch, clock, version, dataDir, lost };
    this.#onStart(() => {
      exporter.__setLogger?.(logger);
      return exporter.init?.(told);
    });
    for (const signal of SIGNALS) {
      const handler = handlers[signal] as ((event: ObservabilityEvent) => void | Promise<void>) | undefined;
      if (!handler) continue;
      const asked = { redelivery: exporter.redelivery, ...exporter.delivery?.[signal] };
      // What a handler returns means nothing; only that its promise settles.
      const one: Send<ObservabilityEvent> = async ([event]) => void (await handler(event!));
      if (!exporter.send) this.#deliver(signal, one, asked, ONE_AT_A_TIME);
      else this.#deliver(signal, async (batch, context) => exporter.send?.(signal, batch, context), asked);
    }
    if (exporter.tapTracing) this.#tap('tracing', (event) => exporter.tapTracing?.(event));
    this.#onStep('flush', () => exporter.flush?.());
    this.#onStep('shutdown', () => exporter.shutdown?.());
  }

  registerStore(store: ObservabilityStorage): void {
    this.#refuseWhenSealed();
    const { strategy, signals } = this.entry;
    for (const signal of SIGNALS) {
      const problem = hintOf(store, signal) ? this.#undeclared(signal) : undefined;
      if (problem) this.problems.push(problem);
    }
    const chosen = chooseStrategies(store, strategy, signals, (signal, problem) => {
      this.problems.push(problem);
      if (strategy[signal]) this.places.set(problem, ['strategy', signal]);
    });
    this.stores.push(store);
    this.strategies.push(...chosen);
    this.#onStart(() => store.init());
    connectStore(store, chosen, (signal, send, { forced, plan, ...asked }) =>
      this.#deliver(signal, send, asked, forced, plan),
    );
    this.#onStep('shutdown', () => store.close());
  }

  #tap<S extends Signal>(signal: S, fn: (event: EventOf[S]) => void): void {
    if (!this.#may(signal)) return;
    const shown = shownTo(this.entry, signal, this.#phases);
    // Silent also in what the tap goes on to do later: its own telemetry would come back to it for ever.
    this.placements.tap(signal, (event) => {
      const seen = shown(event);
      // What it returns goes on to the guard, which refuses promises.
      return seen === null ? undefined : silently(fn, seen);
    });
  }

  #deliver<S extends Signal>(
    signal: S,
    send: Send<EventOf[S]>,
    asked: Asked = {},
    forced: DeliveryOptions = {},
    plan?: DeliveryPlan,
  ): void {
    if (!this.#may(signal)) return;
    const { events, redelivery, ...own } = asked;
    const { plugin, delivery } = this.entry;
    const options = resolveDelivery(own, delivery, forced);
    const isRedeliverySafe = (redelivery ?? plugin.redelivery) !== 'unsafe';
    const types = signal === 'tracing' && events ? new Set<string>(events) : undefined;
    const shown = shownTo(this.entry, signal, this.#phases);
    this.placements.deliver({ signal, send, options, plan, isRedeliverySafe }, { types, shown });
  }

  /** Notes the tap; false when the entry does not let the signal through. */
  #may(signal: Signal): boolean {
    this.#refuseWhenSealed();
    const undeclared = this.#undeclared(signal);
    if (undeclared) throw undeclared;
    this.tapped.add(signal);
    return this.entry.signals.includes(signal);
  }

  #undeclared(signal: Signal): ObsError | undefined {
    const { name, signals } = this.entry.plugin;
    if (signals.includes(signal)) return undefined;
    const declared = signals.join(', ') || 'none';
    const what = `${name} taps ${signal}, its manifest declares: ${declared}`;
    return new ObsError('OBS_PLUGIN_SIGNAL_UNDECLARED', what);
  }

  #onStart(step: StartStep): void {
    this.#refuseWhenSealed();
    this.startSteps.push(step);
  }

  #onStep(name: 'flush' | 'shutdown', fn: (step: LifecycleStep) => unknown): void {
    this.#refuseWhenSealed();
    this.placements.step(name, async (step) => void (await runSilenced(() => fn(step))));
  }

  #refuseWhenSealed(): void {
    if (this.#isSealed)
      throw new ObsError('OBS_HOST_SEALED', `"${this.key}" taps or registers after apply()`);
  }
}

/** Milliseconds that opening may take before the plugin counts as degraded. */
export const START_MS = 30_000;

const ONE_AT_A_TIME: DeliveryOptions = { maxItems: 1 };
