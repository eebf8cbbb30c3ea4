import {
  CORRELATION_KEYS,
  createIdSource,
  createSystemClock,
  type FeedbackEvent,
  type FeedbackInput,
  type LogEvent,
  type LogRecord,
  type MetricEvent,
  type MetricType,
  type ScoreEvent,
  type ScoreInput,
  type SignalEventBase,
  Snapshot,
} from '../../../core/index.ts';
import { correlationIn, METADATA_KEYS, withoutCorrelation } from '../shape/correlation.ts';
import type { MastraDropEvent } from '../shape/exporter.ts';
import type { MastraFeedback, MastraLog, MastraMetric, MastraScore } from '../shape/signals.ts';

/** How the other signals of Mastra become ours. */
export interface SignalsInOptions {
  /** The kind of instrument behind a metric, by its name; Mastra keeps none. Default: `histogram` for all. */
  metricType?: (name: string) => MetricType;
}

/** Which span of ours stands for one of Mastra's. */
interface Spans {
  serviceName: string | undefined;
  spanIdFor(traceId: string | undefined, spanId: string | undefined): string | undefined;
}

/** Mastra's placeholder for the trace of what is not sampled: an id that unrelated logs share, so none. */
const NO_TRACE = 'no-op-trace';

type Common = Pick<MastraLog, 'timestamp' | 'traceId' | 'spanId' | 'correlationContext' | 'metadata'>;

/** Logs, metrics, scores and feedback of Mastra as events of ours, plain and bounded, ids unchanged. */
export class SignalsIn {
  readonly #spans: Spans;
  readonly #metricType: (name: string) => MetricType;
  readonly #ids = createIdSource();
  readonly #clock = createSystemClock();

  constructor(spans: Spans, { metricType = () => 'histogram' }: SignalsInOptions = {}) {
    this.#spans = spans;
    this.#metricType = metricType;
  }

  /** A log; metadata that its data does not have is kept under `metadata` in the data. */
  log(log: MastraLog): LogEvent {
    const { level, message, data } = log;
    const metadata = withoutCorrelation(log.metadata);
    return this.#event(log, log.logId, (snapshot) => {
      const record: LogRecord = { level, message: snapshot.text(message, 'message') };
      const whole = hasKeys(metadata) ? { ...data, metadata } : data;
      if (hasKeys(whole)) record.data = snapshot.take(whole, 'data');
      return { type: 'log', record };
    });
  }

  metric(metric: MastraMetric): MetricEvent {
    const { name, value, labels, costContext } = metric;
    const metadata = { ...withoutCorrelation(metric.metadata), ...(costContext && { costContext }) };
    const unit = unitOf(name);
    return this.#event(metric, metric.metricId, (snapshot) => ({
      type: 'metric',
      name: snapshot.text(name, 'name'),
      metricType: this.#metricType(name),
      value,
      labels: snapshot.take(labels ?? {}, 'labels') as Record<string, string>,
      ...(unit !== undefined && { unit }),
      ...(hasKeys(metadata) && { metadata: snapshot.take(metadata, 'metadata') as Record<string, unknown> }),
    }));
  }

  score(score: MastraScore): ScoreEvent {
    const { scorerId, scorerName, scorerVersion, reason, scoreTraceId, targetEntityType, experimentId } =
      score;
    const source = score.scoreSource ?? score.source;
    const metadata = defined({
      ...withoutCorrelation(score.metadata),
      scoreTraceId,
      targetEntityType,
      experimentId,
    });
    const own = { scorerId, scorerName, scorerVersion, score: score.score, reason, source };
    return this.#event(score, score.scoreId, (snapshot) => ({
      type: 'score',
      score: snapshot.take(
        defined({ ...own, ...(hasKeys(metadata) && { metadata }) }),
        'score',
      ) as ScoreInput,
    }));
  }

  feedback(feedback: MastraFeedback): FeedbackEvent {
    const { feedbackType, value, comment, sourceId, experimentId } = feedback;
    const userId = feedback.feedbackUserId ?? feedback.userId;
    const source = feedback.feedbackSource ?? feedback.source;
    const metadata = defined({ ...withoutCorrelation(feedback.metadata), sourceId, experimentId });
    const own = defined({
      feedbackType,
      value,
      comment,
      userId,
      source,
      ...(hasKeys(metadata) && { metadata }),
    });
    return this.#event(feedback, feedback.feedbackId, (snapshot) => ({
      type: 'feedback',
      feedback: snapshot.take(own, 'feedback') as FeedbackInput,
    }));
  }

  /** What another exporter of the application gave up, as a log. */
  loss({ signal, reason, count, timestamp, exporterName, storageName, error }: MastraDropEvent): LogEvent {
    const message = `the exporter "${exporterName}" of Mastra lost ${count} ${signal} events (${reason})`;
    const data = defined({ signal, reason, count, exporterName, storageName, error });
    const logId = this.#ids.eventId(this.#clock.unixMicro());
    return this.log({ logId, timestamp, level: 'error', message, data });
  }

  #event<E>(source: Common, id: string, make: (snapshot: Snapshot) => E): E & SignalEventBase {
    const snapshot = new Snapshot();
    const own = make(snapshot);
    const cuts = snapshot.cuts;
    return { ...own, id, ...this.#placeOf(source), ...(cuts.length > 0 && { truncated: [...cuts] }) };
  }

  #placeOf({
    timestamp,
    traceId,
    spanId,
    correlationContext,
    metadata,
  }: Common): Omit<SignalEventBase, 'id'> {
    const isTraced = traceId !== undefined && traceId !== NO_TRACE;
    const ownSpanId = isTraced ? this.#spans.spanIdFor(traceId, spanId) : undefined;
    const { serviceName } = this.#spans;
    const correlation = {
      ...(serviceName !== undefined && { serviceName }),
      ...correlationIn(metadata, METADATA_KEYS),
      ...correlationIn(correlationContext, CORRELATION_KEYS),
    };
    return {
      timestamp,
      timeUnixMicro: timestamp.getTime() * 1000,
      ...(isTraced && { traceId }),
      ...(ownSpanId !== undefined && { spanId: ownSpanId }),
      ...(hasKeys(correlation) && { correlation }),
    };
  }
}

function unitOf(name: string): string | undefined {
  if (name.endsWith('_ms')) return 'ms';
  return name.endsWith('_tokens') ? '{token}' : undefined;
}

function hasKeys(value: object | undefined): boolean {
  return value !== undefined && Object.keys(value).length > 0;
}

function defined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
