import type { FeedbackEvent, ScoreEvent, TracingEvent } from '../../../core/index.ts';
import { braintrust } from '../../../plugins/braintrust/index.ts';
import { describeExporterFaults, type FaultSubject } from '../../kit/exporter-faults.ts';
import { confirm, idsOf } from './received.ts';

const subject: Omit<FaultSubject, 'signal' | 'emit' | 'idOf'> = {
  name: 'braintrust',
  use: (apiUrl) => braintrust({ apiUrl, apiKey: 'a key of tests' }),
  idsOf,
  isRedeliverySafe: true,
  accept: confirm(),
};

const spanIds = (count: number) =>
  Array.from({ length: count }, (_, index) => (index + 1).toString(16).padStart(16, '0'));

describeExporterFaults({
  ...subject,
  signal: 'tracing',
  emit: (obs, count) =>
    Array.from({ length: count }, (_, index) => {
      const span = obs.startSpan({ name: `span ${index}` });
      span.end();
      return span.id;
    }),
  idOf: (event) => (event as TracingEvent).exportedSpan.id,
  partial: confirm,
});

describeExporterFaults({
  ...subject,
  signal: 'scores',
  emit(obs, count) {
    const ids = spanIds(count);
    for (const spanId of ids)
      obs.addScore({ traceId: 'a'.repeat(32), spanId, scorerId: 'relevance', score: 1 });
    return ids;
  },
  idOf: (event) => (event as ScoreEvent).spanId!,
});

describeExporterFaults({
  ...subject,
  signal: 'feedback',
  emit(obs, count) {
    const ids = spanIds(count);
    for (const spanId of ids)
      obs.addFeedback({ traceId: 'a'.repeat(32), spanId, feedbackType: 'thumbs', value: 1, comment: 'good' });
    return ids;
  },
  idOf: (event) => (event as FeedbackEvent).spanId!,
});
