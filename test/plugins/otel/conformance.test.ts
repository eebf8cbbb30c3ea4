import { type ObservabilityEvent, SIGNALS } from '../../../core/index.ts';
import { otel } from '../../../plugins/otel/index.ts';
import { describeCases } from '../../kit/describe-cases.ts';
import { exporterCases, httpDestination, ok, type ReceivedRequest } from '../../kit/index.ts';
import {
  decodeRequest,
  encodeResponse,
  logsOf,
  type Message,
  metricsOf,
  plainAttributes,
  spansOf,
} from '../../kit/otlp.ts';

/** What tells an event among others, and is on the wire. */
function idOf(event: ObservabilityEvent): string {
  if ('exportedSpan' in event) return event.exportedSpan.id;
  if (event.type === 'metric') return event.labels['id']!;
  if (event.type === 'log') return event.record.message;
  return event.type === 'score' ? event.score.scorerId : event.feedback.feedbackType;
}

function idsOf({ path, body }: ReceivedRequest): string[] {
  if (path === '/v1/traces') return spansOf(decodeRequest('traces', body)).map(({ spanId }) => spanId);
  if (path === '/v1/logs') return logsOf(decodeRequest('logs', body)).map(idOfLog);
  const points = metricsOf(decodeRequest('metrics', body)).flatMap(({ sum }) => sum.dataPoints as Message[]);
  return points.map(({ attributes }) => plainAttributes(attributes)['id'] as string);
}

function idOfLog({ attributes, body }: Message): string {
  return attributes['obs.score.scorer.id'] ?? attributes['obs.feedback.type'] ?? body.stringValue;
}

const partialSuccess = { rejectedSpans: 1, errorMessage: 'one is bad' };
const headers = { 'content-type': 'application/x-protobuf' };

/** Of a partial success the three answers have the same fields on the wire. */
const partial = () => ok({ headers, body: encodeResponse('traces', { partialSuccess }) });

describeCases(
  'otel',
  exporterCases({
    use: ({ address }) => otel({ endpoint: address }),
    destination: httpDestination({ idsOf, partial }),
    signals: SIGNALS,
    idOf,
  }),
);
