import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bySignal,
  createSystemClock,
  type EventOf,
  handlersOf,
  type ObservabilityEvent,
  type ObservabilityExporter,
  type ObservabilityStorage,
  type OptionsSchema,
  type Phase,
  type PluginHost,
  type PluginUse,
  type Send,
  SIGNALS,
  type Signal,
  VERSION,
} from '../../core/index.ts';

type AnySend = Send<ObservabilityEvent>;
type Step = () => unknown;

/** A plugin that was applied to a stand-in for the host: what it tapped and registered, to be called by hand. */
export interface AppliedPlugin {
  /** The signals that it tapped in whatever way. */
  readonly tapped: ReadonlySet<Signal>;
  readonly taps: { readonly [S in Signal]: ((event: EventOf[S]) => void)[] };
  readonly sends: { readonly [S in Signal]: Send<EventOf[S]>[] };
  readonly processes: { signal: Signal; phase: Phase; process: (event: ObservabilityEvent) => unknown }[];
  readonly stores: readonly ObservabilityStorage[];
  /** What it logged, line by line. */
  readonly logged: readonly string[];
  /** Runs the steps of its life in their order. */
  start(): Promise<void>;
  flush(): Promise<void>;
  shutdown(): Promise<void>;
  /** Removes the directory that it was given. */
  remove(): void;
}

/** Checks the options as a config would, and applies. @throws what the options or `apply` are refused for. */
export async function applyPlugin(use: PluginUse): Promise<AppliedPlugin> {
  return applied(use, await use.use.options?.['~standard'].validate(use.options));
}

/** The same at once, for options that can be checked at once. */
export function applyTo(use: PluginUse): AppliedPlugin {
  const parsed = use.use.options?.['~standard'].validate(use.options);
  if (parsed instanceof Promise) throw new Error(`the options of ${use.use.name} cannot be checked at once`);
  return applied(use, parsed);
}

type Parsed = Awaited<ReturnType<OptionsSchema['~standard']['validate']>> | undefined;

function applied({ use: plugin, options }: PluginUse, parsed: Parsed): AppliedPlugin {
  if (parsed?.issues) throw new Error(parsed.issues.map(({ message }) => message).join('; '));
  const dataDir = join(mkdtempSync(join(tmpdir(), 'obs-applied-')), '.obs');
  const found = {
    tapped: new Set<Signal>(),
    taps: bySignal(() => [] as ((event: ObservabilityEvent) => void)[]),
    sends: bySignal(() => [] as AnySend[]),
    processes: [] as AppliedPlugin['processes'],
    stores: [] as ObservabilityStorage[],
    logged: [] as string[],
    steps: { start: [] as Step[], flush: [] as Step[], shutdown: [] as Step[] },
  };
  plugin.apply(hostOver(found, plugin.name, dataDir), parsed ? parsed.value : options);
  const inOrder = (steps: readonly Step[]) => async () => {
    for (const step of steps) await step();
  };
  const { start, flush, shutdown } = found.steps;
  return {
    ...(found as Omit<typeof found, 'steps'> as unknown as AppliedPlugin),
    start: inOrder(start),
    flush: inOrder(flush),
    shutdown: inOrder(shutdown),
    remove: () => rmSync(join(dataDir, '..'), { recursive: true, force: true }),
  };
}

interface Found {
  tapped: Set<Signal>;
  taps: Record<Signal, ((event: ObservabilityEvent) => void)[]>;
  sends: Record<Signal, AnySend[]>;
  processes: AppliedPlugin['processes'];
  stores: ObservabilityStorage[];
  logged: string[];
  steps: Record<'start' | 'flush' | 'shutdown', Step[]>;
}

function hostOver(found: Found, key: string, dataDir: string): PluginHost {
  const { tapped, taps, sends, processes, stores, logged, steps } = found;
  const log = (level: string) => (message: string, data?: unknown) =>
    void logged.push(`${level} ${message} ${data === undefined ? '' : JSON.stringify(data)}`);
  const step = (into: Step[]) => ({
    tap: (fn: (step: { deadlineMs: number }) => unknown) => {
      into.push(() => fn({ deadlineMs: 5_000 }));
    },
  });
  const note = <V>(signal: Signal, into: V[], value: V): void => {
    tapped.add(signal);
    into.push(value);
  };
  const host: PluginHost = {
    key,
    hooks: {
      ...bySignal((signal) => ({ tap: (fn: never) => note(signal, taps[signal], fn) })),
      start: step(steps.start),
      flush: step(steps.flush),
      shutdown: step(steps.shutdown),
    } as PluginHost['hooks'],
    deliver: bySignal(
      (signal) => (send: never) => note(signal, sends[signal], send),
    ) as PluginHost['deliver'],
    process: bySignal(
      (signal) => (phase: Phase, process: never) => note(signal, processes, { signal, phase, process }),
    ) as PluginHost['process'],
    registerExporter: (exporter) => placeExporter(exporter, found, host),
    registerStore(store) {
      stores.push(store);
      for (const signal of SIGNALS) if (store[`${signal}Strategy`]) tapped.add(signal);
      steps.start.push(() => store.init());
      steps.shutdown.push(() => store.close());
    },
    ingest: async (events) => ({ accepted: events.length }),
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    clock: createSystemClock(),
    fetch: (...args) => globalThis.fetch(...args),
    resource: { serviceName: 'test-service', attributes: {} },
    dataDir,
    environment: 'test',
    version: VERSION,
  };
  return host;
}

function placeExporter(
  exporter: ObservabilityExporter,
  { tapped, taps, sends, steps }: Found,
  host: PluginHost,
) {
  const { key, logger, resource, environment, fetch, clock, version, dataDir } = host;
  const { serviceName } = resource;
  const told = { key, serviceName, resource, environment, logger, fetch, clock, version, dataDir, lost() {} };
  steps.start.push(() => {
    exporter.__setLogger?.(logger);
    return exporter.init?.(told);
  });
  const handlers = handlersOf(exporter) as Partial<Record<Signal, (event: ObservabilityEvent) => unknown>>;
  for (const signal of SIGNALS) {
    const handler = handlers[signal];
    if (!handler) continue;
    tapped.add(signal);
    const oneByOne: AnySend = async (batch) => {
      for (const event of batch) await handler(event);
    };
    const { send } = exporter;
    sends[signal].push(
      send ? (batch, context) => send.call(exporter, signal, batch as never, context) : oneByOne,
    );
  }
  if (exporter.tapTracing) taps.tracing.push((event) => exporter.tapTracing?.(event as EventOf['tracing']));
  steps.flush.push(() => exporter.flush?.());
  steps.shutdown.push(() => exporter.shutdown?.());
}
