import {
  DestinationError,
  type EventOf,
  type FeedbackEvent,
  type InitExporterOptions,
  type LogEvent,
  type MetricEvent,
  messageOf,
  type ObservabilityEvent,
  type ObservabilityExporter,
  type PartialResult,
  PermanentError,
  type PluginLogger,
  parseOptions,
  type ScoreEvent,
  type SendContext,
  type Signal,
  type TracingEvent,
  VERSION,
} from '../../core/index.ts';
import { OtlpClient } from './client.ts';
import type { OtlpSignal } from './encoder.ts';
import { type RecordMap, recordMap } from './map/records.ts';
import { type OtelOptions, otelOptions, type ResolvedOtelOptions } from './options.ts';
import { type Settings, settingsOf } from './settings/destinations.ts';
import type { Env } from './settings/environment.ts';

/** The kind of request that carries each signal. */
const CARRIER: Readonly<Record<Signal, OtlpSignal>> = {
  tracing: 'traces',
  metrics: 'metrics',
  logs: 'logs',
  scores: 'logs',
  feedback: 'logs',
};

/** Metrics are aggregated by batch, so their batches are large and rare. */
const METRICS_DELIVERY = { maxItems: 4_096, maxDelayMs: 5_000 };

type Handler<E> = (event: E) => Promise<void>;
type InitOptions = Pick<InitExporterOptions, 'environment' | 'resource' | 'fetch' | 'logger' | 'version'>;

const BY_HAND: InitOptions = {
  environment: 'development',
  resource: { serviceName: 'unknown_service', attributes: {} },
  fetch: (...args) => globalThis.fetch(...args),
  logger: { debug() {}, info() {}, warn() {}, error() {} },
  version: VERSION,
};

/**
 * Sends ended spans, metrics, logs, scores and feedback over OTLP/HTTP. The plugin `otel` is made of it; by hand it is
 * an exporter like any other. It has a handler for each signal that its destination takes. A handler resolves when the
 * destination has the event.
 */
export class OtelExporter implements ObservabilityExporter {
  readonly name = 'otel';
  readonly delivery: ObservabilityExporter['delivery'];
  readonly redelivery: 'safe' | 'unsafe';
  readonly onTracingEvent?: Handler<TracingEvent>;
  readonly onMetricEvent?: Handler<MetricEvent>;
  readonly onLogEvent?: Handler<LogEvent>;
  readonly onScoreEvent?: Handler<ScoreEvent>;
  readonly onFeedbackEvent?: Handler<FeedbackEvent>;
  readonly #options: ResolvedOtelOptions;
  readonly #settings: Settings;
  #logger: PluginLogger = BY_HAND.logger;
  #clients: Partial<Record<OtlpSignal, OtlpClient>> | undefined;
  #map: RecordMap | undefined;
  #batches = 0;

  /** @throws ObsError `OBS_PLUGIN_OPTIONS` that names each wrong option. */
  constructor(options: OtelOptions = {}, env: Env = process.env) {
    this.#options = parseOptions('OtelExporter', otelOptions, options);
    this.#settings = settingsOf(this.#options, env);
    const { destinations, redelivery } = this.#settings;
    this.redelivery = redelivery;
    this.delivery = deliveryOf(this.#settings, this.#options);
    if (destinations.traces) this.onTracingEvent = (event) => this.#one('tracing', event);
    if (destinations.metrics) this.onMetricEvent = (event) => this.#one('metrics', event);
    if (!destinations.logs) return;
    this.onLogEvent = (event) => this.#one('logs', event);
    this.onScoreEvent = (event) => this.#one('scores', event);
    this.onFeedbackEvent = (event) => this.#one('feedback', event);
  }

  /**
   * Takes on the resource of the host and asks the first destination whether it takes OTLP.
   * @throws DestinationError when it does not; an address where nobody answers yet is no failure.
   */
  async init(options: InitOptions = BY_HAND): Promise<void> {
    this.#prepare(options);
    for (const warning of this.#settings.warnings) this.#logger.warn(warning);
    if (!this.#options.probe) return;
    const { traces, logs, metrics } = this.#clients ?? {};
    const client = traces ?? logs ?? metrics;
    await client?.probe(AbortSignal.timeout(this.#timeoutMs())).catch((error) => {
      if (error instanceof DestinationError) throw error;
      this.#logger.debug(`the probe at the start failed: ${messageOf(error)}`);
    });
  }

  /** Sends a batch as one request. What could not be written or was refused is in the result. */
  async send<S extends Signal>(
    signal: S,
    batch: readonly EventOf[S][],
    { batchId, abortSignal }: Pick<SendContext, 'batchId' | 'abortSignal'>,
  ): Promise<void | PartialResult> {
    if (!this.#map) this.#prepare(BY_HAND);
    const client = this.#clients?.[CARRIER[signal]];
    if (!client) throw new PermanentError(`the destination takes no ${signal}`);
    const given = await this.#map!(signal, batch, batchId);
    return client.send(given, batch.length, abortSignal);
  }

  /** Nothing is held back. */
  async flush(): Promise<void> {}

  async shutdown(): Promise<void> {
    for (const client of Object.values(this.#clients ?? {})) client.close();
  }

  #prepare({ environment, resource, fetch, logger, version }: InitOptions): void {
    this.#logger = logger;
    const { destinations, resource: wanted } = this.#settings;
    const { apiKey, maxRequestBytes } = this.#options;
    const { map, origin } = recordMap(this.#options, this.#settings, {
      resource,
      environment,
      version,
      wanted,
    });
    const said = new Set<string>();
    const parts = {
      fetch,
      origin,
      maxRequestBytes,
      userAgent: `obs-kit/${version}`,
      secrets: apiKey ? [apiKey] : [],
      onWarning: (message: string) => {
        if (said.size < 100 && !said.has(message)) logger.warn(message);
        said.add(message);
      },
    };
    this.#map = map;
    this.#clients = Object.fromEntries(
      Object.entries(destinations).map(([signal, destination]) => [
        signal,
        new OtlpClient(destination, parts),
      ]),
    );
  }

  async #one<S extends Signal>(signal: S, event: EventOf[S]): Promise<void> {
    if (!isSent(event)) return;
    const context = {
      batchId: `by-hand-${this.#batches++}`,
      abortSignal: AbortSignal.timeout(this.#timeoutMs()),
    };
    const result = await this.send(signal, [event], context);
    if (result) throw new PermanentError(result.rejected[0]?.reason ?? 'refused');
  }

  #timeoutMs(): number {
    const { traces, logs, metrics } = this.#settings.destinations;
    return (traces ?? logs ?? metrics)?.timeoutMs ?? 10_000;
  }
}

/** Of a span only its end is sent: receivers know no unfinished ones. */
function isSent(event: ObservabilityEvent): boolean {
  return !('exportedSpan' in event) || event.type === 'span.ended';
}

function deliveryOf(
  { destinations }: Settings,
  options: ResolvedOtelOptions,
): ObservabilityExporter['delivery'] {
  const { traces, logs, metrics } = destinations;
  // Encoded, events are larger than they are counted.
  const maxBytes = Math.round(options.maxRequestBytes * 0.75);
  const forLogs = { maxBytes, timeoutMs: logs?.timeoutMs ?? 10_000 };
  return {
    tracing: { maxBytes, timeoutMs: traces?.timeoutMs ?? 10_000, events: ['span.ended'] },
    metrics: { ...METRICS_DELIVERY, timeoutMs: metrics?.timeoutMs ?? 10_000 },
    logs: forLogs,
    scores: forLogs,
    feedback: forLogs,
  };
}
