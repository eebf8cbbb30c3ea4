import { expect } from 'chai';
import type { FeedbackEvent, ScoreEvent, TracingEvent } from '../../../core/index.ts';
import { langfuse } from '../../../plugins/langfuse/index.ts';
import { describeExporterFaults, type FaultSubject, runFault } from '../../kit/exporter-faults.ts';
import { reset, status } from '../../kit/fault-server.ts';
import { idsIn, ingested, refusedSpan } from './received.ts';

const KEYS = { publicKey: 'pk', secretKey: 'sk' };
const TRACE_ID = 'a'.repeat(32);

const spans: FaultSubject = {
  name: 'langfuse',
  signal: 'tracing',
  use: (baseUrl) => langfuse({ ...KEYS, baseUrl }),
  emit: (obs, count) =>
    Array.from({ length: count }, (_, i) => {
      const span = obs.startSpan({ name: `span ${i}` });
      span.end();
      return span.id;
    }),
  idsOf: idsIn,
  idOf: (event) => (event as TracingEvent).exportedSpan.id,
  isRedeliverySafe: false,
  partial: () => refusedSpan,
  isPartialNamed: false,
};

describeExporterFaults(spans);

type Api = 'array' | 'ingestion' | 'single';

const ANSWERS: Record<Api, Pick<FaultSubject, 'accept' | 'partial'>> = {
  array: { accept: status(202) },
  ingestion: { accept: ingested(), partial: ingested },
  single: { accept: status(200) },
};

const scoresBy = (scoresApi: Api, signal: 'scores' | 'feedback'): FaultSubject => ({
  name: `langfuse, scores by ${scoresApi}`,
  signal,
  use: (baseUrl) => langfuse({ ...KEYS, baseUrl, scoresApi }),
  emit: (obs, count) =>
    Array.from({ length: count }, (_, i) => {
      const [id, traceId] = [`${signal}-${i}`, TRACE_ID];
      if (signal === 'scores') obs.addScore({ id, traceId, scorerId: 'relevance', score: i });
      else obs.addFeedback({ id, traceId, feedbackType: 'rating', value: i });
      return id;
    }),
  idsOf: idsIn,
  idOf: (event) => (event as ScoreEvent | FeedbackEvent).id,
  isRedeliverySafe: true,
  ...ANSWERS[scoresApi],
});

describeExporterFaults(scoresBy('array', 'scores'));
describeExporterFaults(scoresBy('ingestion', 'feedback'));
describeExporterFaults(scoresBy('single', 'scores'));

describe('langfuse told to send spans again that may have arrived', () => {
  it('does so, and only then', async () => {
    const resets = { script: [reset({ afterTaking: true })] };
    const careful = await runFault(spans, resets);
    expect(careful.counts).to.deep.include({ delivered: 0, dropped: { ambiguous: 12 } });
    const use = (baseUrl: string) => langfuse({ ...KEYS, baseUrl, retryOnTimeout: true });
    const daring = await runFault({ ...spans, use }, resets);
    expect(daring.counts).to.deep.include({ delivered: 12, dropped: {} });
    expect([...daring.held.values()]).to.deep.equal(Array(12).fill(2));
  });

  it('sends them again after 500, which says that nothing was queued', async () => {
    const { counts, held, requests } = await runFault(spans, { script: [status(500), status(500)] });
    expect(counts).to.deep.include({ delivered: 12, dropped: {} });
    expect(held.size).to.equal(12);
    expect(requests.map((request) => idsIn(request).length)).to.deep.equal([12, 12, 12]);
  });
});
