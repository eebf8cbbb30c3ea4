import {
  type EventOf,
  type FeedbackEvent,
  type InitExporterOptions,
  type ObservabilityEvent,
  type ObservabilityExporter,
  type PartialResult,
  PermanentError,
  parseOptions,
  type ScoreEvent,
  type SendContext,
  type Signal,
  type TracingEvent,
  VERSION,
} from '../../core/index.ts';
import { LangfuseClient } from './client.ts';
import { toScore } from './map/score.ts';
import { TraceContexts } from './map/trace-contexts.ts';
import { type LangfuseOptions, langfuseOptions, type ResolvedLangfuseOptions } from './options.ts';
import type { Refused } from './send/score-answers.ts';
import { ScoreRoutes, type TimedScore } from './send/score-routes.ts';
import { SpanSender } from './send/span-sender.ts';

/** Few enough for the one-by-one way at its low rate. Langfuse knows a score by its id, so a repeat is harmless. */
const SCORES = { maxItems: 50, maxBytes: 3_000_000, redelivery: 'safe' } as const;

/**
 * Sends ended spans, scores and feedback to a project of Langfuse. The plugin `langfuse` is made of it; by hand it is
 * an exporter like any other.
 */
export class LangfuseExporter implements ObservabilityExporter {
  readonly name = 'langfuse';
  readonly redelivery: 'safe' | 'unsafe';
  readonly delivery = {
    tracing: { events: ['span.ended'], maxBytes: 3_000_000 },
    scores: SCORES,
    feedback: SCORES,
  } as const;
  readonly #options: ResolvedLangfuseOptions;
  readonly #traces = new TraceContexts();
  #spans: SpanSender;
  #scores: ScoreRoutes;

  /** @throws ObsError `OBS_PLUGIN_OPTIONS` that names each wrong option. */
  constructor(options: LangfuseOptions = {}) {
    this.#options = parseOptions('LangfuseExporter', langfuseOptions, options);
    this.redelivery = this.#options.retryOnTimeout ? 'safe' : 'unsafe';
    const fetch = globalThis.fetch;
    [this.#spans, this.#scores] = this.#senders({ fetch, version: VERSION });
  }

  /**
   * Checks address and keys with an empty request. @throws DestinationError when they are wrong; that Langfuse cannot
   * be reached now is no mistake.
   */
  async init(host: InitExporterOptions): Promise<void> {
    [this.#spans, this.#scores] = this.#senders(host);
    await this.#spans.load();
    if (this.#options.probe) await this.#spans.probe();
  }

  /** Learns from a root span, at its start, what Langfuse wants to read on every span: children are sent before it ends. */
  tapTracing({ exportedSpan }: TracingEvent): void {
    this.#traces.learn(exportedSpan);
  }

  onTracingEvent(event: TracingEvent): Promise<void> {
    return this.#one('tracing', event);
  }
  onScoreEvent(event: ScoreEvent): Promise<void> {
    return this.#one('scores', event);
  }
  onFeedbackEvent(event: FeedbackEvent): Promise<void> {
    return this.#one('feedback', event);
  }

  /** Sends a batch; what Langfuse refuses of it is named. */
  async send<S extends Signal>(
    signal: S,
    batch: readonly EventOf[S][],
    context: SendContext,
  ): Promise<void | PartialResult> {
    const events: readonly ObservabilityEvent[] = batch;
    const rejected =
      signal === 'tracing'
        ? await this.#spans.send(events as readonly TracingEvent[], context)
        : await this.#sendScores(events as readonly (ScoreEvent | FeedbackEvent)[], context);
    if (rejected.length > 0) return { rejected };
  }

  async #sendScores(
    events: readonly (ScoreEvent | FeedbackEvent)[],
    context: SendContext,
  ): Promise<Refused[]> {
    const rejected: Refused[] = [];
    const scores: TimedScore[] = [];
    const indices: number[] = [];
    events.forEach((event, index) => {
      const mapped = toScore(event, this.#options.environment);
      if ('problem' in mapped) rejected.push({ index, reason: mapped.problem });
      else {
        indices.push(index);
        scores.push({ score: mapped.score, timestamp: new Date(event.timeUnixMicro / 1000).toISOString() });
      }
    });
    const refused = scores.length > 0 ? await this.#scores.send(scores, context) : [];
    return [...rejected, ...refused.map(({ index, reason }) => ({ index: indices[index]!, reason }))];
  }

  /** By hand there is no batch to belong to and no time limit. */
  async #one<S extends Signal>(signal: S, event: EventOf[S]): Promise<void> {
    const abortSignal = new AbortController().signal;
    const batchId = 'exportedSpan' in event ? event.exportedSpan.id : event.id;
    const result = await this.send(signal, [event], { abortSignal, batchId, attempt: 1 });
    const [refused] = result?.rejected ?? [];
    if (refused) throw new PermanentError(refused.reason);
  }

  #senders(host: Pick<InitExporterOptions, 'fetch' | 'version'> & Partial<InitExporterOptions>) {
    const options = this.#options;
    const client = new LangfuseClient(options, host.fetch, host.version);
    const route = options.scoresApi === 'auto' ? undefined : options.scoresApi;
    const spans = { ...host, traces: this.#traces };
    return [new SpanSender(client, options, spans), new ScoreRoutes(client, route)] as const;
  }
}
