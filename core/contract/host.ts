import type { Clock } from '../clock.ts';
import type { EventOf, ObservabilityEvent, Signal } from '../signals/index.ts';
import type { ObservabilityExporter, PluginLogger } from './exporter.ts';
import type { Resource } from './resource.ts';
import type { DeliverOptions, Send } from './send.ts';
import type { ObservabilityStorage } from './store.ts';

/** A tap on one signal. It is called synchronously for each event and must not keep or change it. */
export interface SignalHook<E> {
  tap(fn: (event: E) => void): void;
}

/** A tap on a step of the host's life. It may return a promise; `deadlineMs` is what is left of the time. */
export interface LifecycleHook {
  tap(fn: (step: { deadlineMs: number }) => void | Promise<void>): void;
}

/** The hooks as one plugin entry sees them. */
export type PluginHooks = { readonly [S in Signal]: SignalHook<EventOf[S]> } & {
  /** Open files and connections. A failure leaves the plugin degraded; the host tries again. */
  readonly start: LifecycleHook;
  /** Write what is held now. */
  readonly flush: LifecycleHook;
  /** Let go of everything. */
  readonly shutdown: LifecycleHook;
};

/** The fixed phases an event passes before the plugins that export it. */
export type Phase = 'enrich' | 'sample' | 'redact';

/** Changes, keeps or drops (null) an event in one phase. It returns a new event and never changes the one it got. */
export type Process<E> = (event: E) => E | null;

/** What a processor says about itself. */
export interface ProcessOptions {
  /** The reason under which an event counts that it drops. Default: `sampled` in that phase, else `<phase>_dropped`. */
  reason?: string;
}

/** What became of ingested events. */
export interface IngestResult {
  /** Events handed to the plugins. */
  accepted: number;
}

/** The host as one plugin entry sees it. Taps and registrations are accepted during `apply` only. */
export interface PluginHost {
  /** The key of the entry in the config: the plugin's identity in counts and messages. */
  readonly key: string;
  /** Raw, synchronous taps. */
  readonly hooks: PluginHooks;
  /** Batches through the host's delivery: bounded queue, retry, accounting. */
  readonly deliver: { readonly [S in Signal]: (send: Send<EventOf[S]>, options?: DeliverOptions) => void };
  /** Taps on the phases before export; for a processor of an entry, before what that entry sees. */
  readonly process: {
    readonly [S in Signal]: (phase: Phase, process: Process<EventOf[S]>, options?: ProcessOptions) => void;
  };
  /** An exporter object: for each handler that is present, a delivery: batches to its `send`, or one event at a time to the handler. */
  registerExporter(exporter: ObservabilityExporter): void;
  /** A store: the host reads its hints, then places the taps. */
  registerStore(store: ObservabilityStorage): void;
  /** Hands in events made elsewhere, as they are; waits while queues are full. Neither sampled nor dropped. */
  ingest(events: readonly ObservabilityEvent[]): Promise<IngestResult>;
  readonly logger: PluginLogger;
  readonly clock: Clock;
  /** The platform's fetch, inside a context that makes no telemetry. */
  readonly fetch: typeof globalThis.fetch;
  readonly resource: Resource;
  /** Directory for files of ours, such as `.obs`; absolute. */
  readonly dataDir: string;
  readonly environment: string;
  /** Version of this package. */
  readonly version: string;
}
