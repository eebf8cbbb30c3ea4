import type { FeedbackEvent, LogEvent, MetricEvent, ScoreEvent, TracingEvent } from '../../../core/index.ts';
import type { OtlpSignal } from '../../../plugins/otel/encoder.ts';
import { type OtelOptions, otel } from '../../../plugins/otel/index.ts';
import { describeExporterFaults, type FaultSubject } from '../../kit/exporter-faults.ts';
import { ok, type ReceivedRequest } from '../../kit/fault-server.ts';
import {
  decodeRequest,
  encodeResponse,
  logsOf,
  type Message,
  metricsOf,
  plainAttributes,
  spansOf,
} from '../../kit/otlp.ts';

const REFUSED = { traces: 'rejectedSpans', logs: 'rejectedLogRecords', metrics: 'rejectedDataPoints' };

/** The records in a request of one signal; none in one of another. */
function recordsIn(signal: OtlpSignal, { path, body, headers }: ReceivedRequest): Message[] {
  if (path !== `/v1/${signal}`) return [];
  const request = decodeRequest(signal, body, headers['content-type'] === 'application/json');
  return { traces: spansOf, logs: logsOf, metrics: metricsOf }[signal](request);
}

/** What all subjects have in common: an answer of the protocol that refuses one record and does not say which. */
function subjectOf(
  carrier: OtlpSignal,
  what: Pick<FaultSubject, 'signal' | 'emit' | 'idOf'> & { idOfRecord(record: Message): string | string[] },
  options: OtelOptions = {},
): FaultSubject {
  const { redelivery = 'safe' } = options;
  const answer = { partialSuccess: { [REFUSED[carrier]]: 1, errorMessage: 'one is bad' } };
  const isJson = options.encoding === 'json';
  return {
    ...what,
    name: `otel (${JSON.stringify(options)})`,
    use: (url) => otel({ endpoint: url, ...options }),
    idsOf: (request) => recordsIn(carrier, request).flatMap(what.idOfRecord),
    isRedeliverySafe: redelivery === 'safe',
    partial: () =>
      ok({
        headers: { 'content-type': isJson ? 'application/json' : 'application/x-protobuf' },
        body: isJson ? JSON.stringify(answer) : encodeResponse(carrier, answer),
      }),
    isPartialNamed: false,
  };
}

const numbered = (count: number) => Array.from({ length: count }, (_, n) => `number ${n}`);

const spans: Parameters<typeof subjectOf>[1] = {
  signal: 'tracing',
  emit: (obs, count) =>
    numbered(count).map((name) => {
      obs.trace(name, () => {});
      return name;
    }),
  idOf: (event) => (event as TracingEvent).exportedSpan.name,
  idOfRecord: ({ name }) => name,
};

describeExporterFaults(subjectOf('traces', spans));
describeExporterFaults(
  subjectOf('traces', spans, { encoding: 'json', compression: 'none', redelivery: 'unsafe' }),
);

describeExporterFaults(
  subjectOf('logs', {
    signal: 'logs',
    emit: (obs, count) =>
      numbered(count).map((message) => {
        obs.logger.info(message);
        return message;
      }),
    idOf: (event) => (event as LogEvent).record.message,
    idOfRecord: ({ body }) => body.stringValue,
  }),
);

describeExporterFaults(
  subjectOf('logs', {
    signal: 'scores',
    emit: (obs, count) =>
      numbered(count).map((scorerId) => {
        obs.addScore({ scorerId, score: 1 });
        return scorerId;
      }),
    idOf: (event) => (event as ScoreEvent).score.scorerId,
    idOfRecord: ({ attributes }) => attributes['obs.score.scorer.id'],
  }),
);

describeExporterFaults(
  subjectOf('logs', {
    signal: 'feedback',
    emit: (obs, count) =>
      numbered(count).map((feedbackType) => {
        obs.addFeedback({ feedbackType, value: 1 });
        return feedbackType;
      }),
    idOf: (event) => (event as FeedbackEvent).feedback.feedbackType,
    idOfRecord: ({ attributes }) => attributes['obs.feedback.type'],
  }),
);

/** Each observation has a series of its own, so that the points say which of them arrived. */
describeExporterFaults(
  subjectOf('metrics', {
    signal: 'metrics',
    emit: (obs, count) =>
      numbered(count).map((id) => {
        obs.metrics.counter('calls').add(1, { id });
        return id;
      }),
    idOf: (event) => (event as MetricEvent).labels['id']!,
    idOfRecord: ({ sum }) =>
      sum.dataPoints.map(({ attributes }: Message) => plainAttributes(attributes)['id'] as string),
  }),
);
