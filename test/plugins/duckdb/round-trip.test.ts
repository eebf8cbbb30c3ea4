import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { ExportedSpan, ObservabilityStorage } from '../../../core/index.ts';
import { DuckDBStore } from '../../../plugins/duckdb/index.ts';
import { scratchDirectory, storeInMemory } from './opened.ts';
import { awkwardTexts, awkwardValues, randomTrace } from './random-spans.ts';
import { feedback, log, metric, score, span, spanId, started, traceId } from './records.ts';

async function readBack(store: ObservabilityStorage, spans: readonly ExportedSpan[]): Promise<void> {
  for (const expected of spans) {
    const address = { traceId: expected.traceId, spanId: expected.id };
    expect(await store.getSpan(address)).to.deep.equal(expected);
  }
}

describe('what goes into the DuckDB store comes out equal', () => {
  const store = storeInMemory();
  const directory = scratchDirectory();

  it('every field of a span, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(randomTrace, async (spans) => {
        await store().dangerouslyClearAll();
        expect(await store().batchCreateSpans({ records: spans })).to.deep.equal({ rejected: [] });
        const trace = await store().getTrace({ traceId: traceId(0) });
        const byId = new Map(trace!.spans.map((found) => [found.id, found]));
        expect(byId.size).to.equal(spans.length);
        for (const expected of spans) expect(byId.get(expected.id)).to.deep.equal(expected);
      }),
      { seed: 20260102, numRuns: 25 },
    );
  });

  it('null, empty and absent stay apart, and so do awkward texts and numbers', async () => {
    const spans = awkwardValues.flatMap((value, n) => [
      span(n, 0, { input: value, metadata: { value }, name: `awkward ${n}` }),
      span(n, 1, { output: value, attributes: { nested: [value] } }),
    ]);
    await store().batchCreateSpans({ records: spans });
    await readBack(store(), spans);
  });

  it('awkward texts as names, ids and tags', async () => {
    const spans = awkwardTexts.map((text, n) =>
      span(n, 0, { id: `${text}-${n}`, name: text, userId: text, sessionId: text, tags: [text, text] }),
    );
    await store().batchCreateSpans({ records: spans });
    await store().batchCreateSpans({ records: spans });
    await readBack(store(), spans);
    expect((await store().listTraces()).pagination.total).to.equal(spans.length);
  });

  it('half of a surrogate pair becomes U+FFFD, and the record can still be searched', async () => {
    const broken = span(0, 0, {
      name: 'a\ud800',
      metadata: { 'k\udc00': 'v\ud800', plain: 'yes', text: '\\ud800' },
    });
    await store().batchCreateSpans({ records: [broken] });
    const { spans } = await store().listTraces({ filters: { metadata: { plain: 'yes' } } });
    expect(spans[0]?.name).to.equal('a\ufffd');
    expect(spans[0]?.metadata).to.deep.equal({ 'k\ufffd': 'v\ufffd', plain: 'yes', text: '\\ud800' });
  });

  it('times before 1970 and to the microsecond', async () => {
    const times = [0, -1, -1_500, 1, 999, START_OF_1900, -(2 ** 53 - 1), 2 ** 53 - 1];
    const spans = times.map((time, n) =>
      span(0, n, {
        startUnixMicro: time,
        endUnixMicro: time,
        startTime: new Date(time / 1000),
        endTime: new Date(time / 1000),
      }),
    );
    await store().batchCreateSpans({ records: spans });
    await readBack(store(), spans);
  });

  it('a span of which only the Dates are known gets its microseconds from them', async () => {
    const known = started(0, 0, { startUnixMicro: undefined, startTime: new Date(-5) });
    delete (known as Partial<ExportedSpan>).startUnixMicro;
    await store().batchCreateSpans({ records: [known] });
    expect(await store().getSpan({ traceId: traceId(0), spanId: spanId(0) })).to.deep.include({
      startTime: new Date(-5),
      startUnixMicro: -5_000,
    });
  });

  it('every field of metrics, logs, scores and feedback', async () => {
    const about = {
      traceId: traceId(1),
      spanId: spanId(1),
      correlation: { userId: 'u', sessionId: '' },
      scope: { name: 'lib', version: '1', attributes: { a: null } },
      truncated: [{ path: 'data.x', reason: 'bytes' as const, size: 7 }],
    };
    const metrics = [
      metric(0),
      metric(1, {
        ...about,
        unit: '{token}',
        description: 'd\u0000',
        labels: { 'a.b': '1', '': '😀' },
        metadata: { otel: { bounds: [1, 2.5] } },
      }),
      ...[-5, 1e308, 5e-324, 0.1, Number.MAX_SAFE_INTEGER].map((value, n) =>
        metric(n + 2, { value, metricType: 'gauge' }),
      ),
    ];
    const logs = [
      log(0, { correlation: {} }),
      ...awkwardValues.map((data, n) =>
        log(n + 1, { ...about, record: { level: 'fatal', message: 'm', data } }),
      ),
      ...awkwardTexts.map((message, n) => log(n + 100, { record: { level: 'debug', message } })),
    ];
    const scores = [
      score(0),
      score(1, {
        ...about,
        score: {
          scorerId: 's',
          label: '',
          reason: 'r',
          metadata: {},
          source: 'live',
          scorerName: 'n',
          scorerVersion: '2',
          score: -0.5,
        },
      }),
      score(2, { score: { scorerId: 's', label: 'correct' } }),
    ];
    const opinions = [
      feedback(0),
      feedback(1, {
        ...about,
        feedback: {
          feedbackType: 'rating',
          value: 'null',
          comment: '',
          userId: 'u',
          source: 'w',
          metadata: { a: [] },
        },
      }),
      feedback(2, { feedback: { feedbackType: 'rating', value: -2.5 } }),
    ];
    await store().batchCreateMetrics({ records: metrics });
    await store().batchCreateLogs({ records: logs });
    await store().batchCreateScores({ records: scores });
    await store().batchCreateFeedback({ records: opinions });
    const all = { pagination: { perPage: 1000 }, orderBy: { direction: 'ASC' } } as const;
    expect((await store().listMetrics(all)).metrics).to.deep.equal(metrics);
    expect((await store().listLogs(all)).logs).to.deep.equal(logs);
    expect((await store().listScores(all)).scores).to.deep.equal(scores);
    expect((await store().listFeedback(all)).feedback).to.deep.equal(opinions);
  });

  it('also from a file that was closed and opened again', async () => {
    const file = new DuckDBStore({ thread: 'main', path: join(directory(), 'again.duckdb') });
    const spans = awkwardValues.map((value, n) => span(n, 0, { input: value, output: [value], links: [] }));
    const logs = awkwardTexts.map((message, n) =>
      log(n, { record: { level: 'warn', message, data: message } }),
    );
    await file.init();
    await file.observability.batchCreateSpans({ records: spans });
    await file.observability.batchCreateLogs({ records: logs });
    await file.close();
    await file.init();
    await readBack(file.observability, spans);
    const page = await file.observability.listLogs({
      pagination: { perPage: 100 },
      orderBy: { direction: 'ASC' },
    });
    expect(page.logs).to.deep.equal(logs);
    await file.close();
  });
});

const START_OF_1900 = Date.UTC(1900, 0, 1) * 1000;
