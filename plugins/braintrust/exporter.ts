import {
  type DeliverOptions,
  DestinationError,
  type EventOf,
  type FeedbackEvent,
  type InitExporterOptions,
  type ObservabilityExporter,
  type PartialResult,
  PermanentError,
  type PluginLogger,
  parseOptions,
  RecentMap,
  type ScoreEvent,
  type SendContext,
  type Signal,
  type TracingEvent,
} from '../../core/index.ts';
import { Client } from './client.ts';
import { Judged } from './judged.ts';
import { type JudgementEvent, type JudgementParts, Judgements } from './judgements.ts';
import { ProjectLogs } from './logs.ts';
import {
  type BraintrustOptions,
  braintrustOptions,
  projectChoice,
  type ResolvedBraintrustOptions,
} from './options.ts';
import { Project } from './project.ts';
import { Spans } from './spans.ts';

/** Traces whose root is remembered for certain, for scores that name a trace only. */
const TRACES = 10_000;
/** Milliseconds that one event handed over by hand may take. */
const SEND_MS = 30_000;
/** Milliseconds that the probe at the start may take. */
const PROBE_MS = 10_000;
/** The host counts bytes of events, which are somewhat fewer than those of their JSON. */
const BATCH: DeliverOptions = { maxItems: 100, maxBytes: 2_500_000 };

/** What sends, made when the host starts. */
interface Connected {
  project: Project;
  spans: Spans;
  scores: Judgements;
  feedback: Judgements;
}

/**
 * Sends spans, scores and feedback to a project of Braintrust: each span as one complete row at its end. Sending again
 * what may have arrived changes nothing, for rows carry the id of their span; of feedback a comment can come twice.
 * The plugin `braintrust` is made of it; by hand it is an exporter like any other.
 */
export class BraintrustExporter implements ObservabilityExporter {
  readonly name = 'braintrust';
  readonly redelivery = 'safe';
  readonly delivery = {
    tracing: { ...BATCH, events: ['span.ended'] },
    scores: BATCH,
    feedback: BATCH,
  } satisfies { [S in Signal]?: DeliverOptions };
  readonly #options: ResolvedBraintrustOptions;
  readonly #roots = new RecentMap<string, string>(TRACES);
  readonly #saidOutOfRange = new Set<string>();
  #logger: PluginLogger | undefined;
  #connected: Connected | undefined;

  /** @throws ObsError `OBS_PLUGIN_OPTIONS` that names each wrong option. */
  constructor(options: BraintrustOptions = {}) {
    this.#options = parseOptions('BraintrustExporter', braintrustOptions, options);
  }

  /**
   * Asks for the project, unless `probe` is false. @throws DestinationError when key, address or project are wrong;
   * a destination that is only out of reach is no failure here.
   */
  async init(host: InitExporterOptions): Promise<void> {
    this.#logger = host.logger;
    this.#connected ??= this.#connect(host);
    if (!this.#options.probe) return;
    try {
      await this.#connected.project.probe(AbortSignal.timeout(PROBE_MS));
    } catch (error) {
      if (error instanceof DestinationError) throw error;
    }
  }

  /** Notes the roots of traces as they begin, so that a score of a trace finds its row at any time. */
  tapTracing({ exportedSpan }: TracingEvent): void {
    const { isRootSpan, traceId, id } = exportedSpan;
    if (isRootSpan && this.#roots.get(traceId) === undefined) this.#roots.set(traceId, id);
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

  /** Sends a batch; what cannot be made into something that Braintrust takes is rejected. */
  async send<S extends Signal>(
    signal: S,
    batch: readonly EventOf[S][],
    { abortSignal }: Pick<SendContext, 'abortSignal'>,
  ): Promise<PartialResult> {
    if (!this.#connected) throw new PermanentError('the exporter was not started: init() comes first');
    const { spans, scores, feedback } = this.#connected;
    if (signal === 'tracing') {
      const events = batch as readonly TracingEvent[];
      for (const event of events) this.tapTracing(event);
      return spans.send(events, abortSignal);
    }
    const judgements = signal === 'scores' ? scores : feedback;
    return judgements.send(batch as readonly JudgementEvent[], abortSignal);
  }

  #connect({ fetch, version, serviceName }: InitExporterOptions): Connected {
    const { apiUrl, apiKey, maxRequestBytes, scoreRanges } = this.#options;
    const client = new Client({ fetch, apiUrl, apiKey, version });
    const project = new Project(client, projectChoice(this.#options, serviceName));
    const logs = new ProjectLogs(client, project, maxRequestBytes);
    const judged = new Judged();
    const parts: JudgementParts = {
      logs,
      judged,
      ranges: scoreRanges,
      rootOf: (traceId) => this.#roots.get(traceId),
      onOutOfRange: (name, value) => this.#warnOutOfRange(name, value),
    };
    const [scores, feedback] = [new Judgements(parts), new Judgements(parts)];
    const spans = new Spans({ logs, judged, judgements: scores, maxBytes: maxRequestBytes });
    return { project, spans, scores, feedback };
  }

  async #one<S extends Signal>(signal: S, event: EventOf[S]): Promise<void> {
    const context = { abortSignal: AbortSignal.timeout(SEND_MS) };
    const { rejected } = await this.send(signal, [event], context);
    if (rejected[0]) throw new PermanentError(rejected[0].reason);
  }

  /** Once for each name, so that a scorer that is always wrong does not fill the log. */
  #warnOutOfRange(name: string, value: number): void {
    if (this.#saidOutOfRange.has(name) || this.#saidOutOfRange.size >= 100) return;
    this.#saidOutOfRange.add(name);
    this.#logger?.warn(
      `"${name}" gave ${value}, and Braintrust takes scores from 0 to 1: it is kept as metadata of its row; ` +
        `scoreRanges: { "${name}": { min, max } } makes it a score`,
    );
  }
}
