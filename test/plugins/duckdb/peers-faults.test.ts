import { join } from 'node:path';
import { expect } from 'chai';
import {
  definePlugin,
  type ExportedSpan,
  type Observability,
  type ObservabilityEvent,
  SIGNALS,
} from '../../../core/index.ts';
import { Engine } from '../../../plugins/duckdb/engine.ts';
import { duckdb, ObservabilityDuckDB } from '../../../plugins/duckdb/index.ts';
import { duckdbOptions } from '../../../plugins/duckdb/options.ts';
import { createTestObs, type TestObs } from '../../kit/test-obs.ts';
import { spanId, span as spanOf } from './records.ts';

/** A store that has written a batch of spans and then says that it has not, the first time. */
class ForgetfulStore extends ObservabilityDuckDB {
  attempts = 0;
  override async batchCreateSpans(args: { records: readonly ExportedSpan[] }) {
    const result = await super.batchCreateSpans(args);
    if (++this.attempts === 1) throw new Error('the connection was reset after the commit');
    return result;
  }
}

const ended = (span: ExportedSpan): ObservabilityEvent => ({ type: 'span.ended', exportedSpan: span });
const started = (span: ExportedSpan): ObservabilityEvent => ({ type: 'span.started', exportedSpan: span });

describe('faults of other stores, through emit, hook, delivery and store', () => {
  let test: TestObs;
  let obs: Observability;

  beforeEach(async () => {
    test = await createTestObs({ plugins: { local: duckdb({ thread: 'main' }) } });
    obs = test.obs;
  });
  afterEach(() => test.stop());

  it('a span that started, was updated and ended is one trace in totals and on pages', async () => {
    for (let run = 0; run < 5; run++) {
      const span = obs.startSpan({ name: `run-${run}` });
      await obs.flush(); // the start is stored apart from the end
      span.update({ metadata: { step: 1 } });
      span.end();
    }
    await obs.flush();
    const pages = [];
    for (const page of [0, 1])
      pages.push(
        await obs.store!.listTraces({ pagination: { page, perPage: 3 }, orderBy: { direction: 'ASC' } }),
      );
    expect(pages.map(({ pagination }) => pagination.total)).to.deep.equal([5, 5]);
    expect(pages.flatMap(({ spans }) => spans.map(({ name }) => name))).to.deep.equal([
      'run-0',
      'run-1',
      'run-2',
      'run-3',
      'run-4',
    ]);
  });

  it('a span that starts and ends in the same millisecond keeps what its end carried', async () => {
    const made = Array.from({ length: 20 }, (_, index) => {
      const span = obs.startSpan({ name: 'quick', attributes: { index }, metadata: { at: 'start' } });
      span.end({ output: index, attributes: { success: true }, metadata: { done: true } });
      return span;
    });
    await obs.flush();
    for (const [index, { traceId, id: spanId }] of made.entries()) {
      const span = await obs.store!.getSpan({ traceId, spanId });
      expect(span).to.deep.include({
        status: 'ok',
        output: index,
        attributes: { index, success: true },
        metadata: { at: 'start', done: true },
      });
    }
  });

  it('a batch that is sent again makes no duplicates', async () => {
    const path = join(test.directory, 'again.duckdb');
    const forgetful = new ForgetfulStore(new Engine(duckdbOptions.parse({ path })));
    const plugin = definePlugin({
      name: 'forgetful',
      apiVersion: 1,
      kind: 'store',
      signals: SIGNALS,
      apply: (host) => host.registerStore(forgetful),
    });
    const delivery = { retry: { initialDelayMs: 1 } };
    const twice = await createTestObs({ plugins: { again: { use: plugin(), delivery } } });
    for (let run = 0; run < 10; run++) twice.obs.trace('run', () => run);
    await twice.obs.flush();
    expect(forgetful.attempts).to.equal(2);
    const { pagination } = await forgetful.listTraces();
    const delivered = twice.obs.diagnostics().plugins['again']?.signals.tracing?.delivered;
    await twice.stop();
    expect(pagination.total).to.equal(10);
    expect(delivered).to.equal(20);
  });

  it('an update erases nothing that was stored before', async () => {
    const scope = { name: 'agent-library', version: '1.2.3' };
    const span = obs.startSpan({
      name: 'long',
      userId: 'ada',
      input: 'question',
      tags: ['a'],
      scope,
      metadata: { a: 1 },
    });
    await obs.flush();
    span.update({ attributes: { step: 1 } });
    await obs.flush();
    span.end({ output: 'answer' });
    await obs.flush();
    const stored = await obs.store!.getSpan({ traceId: span.traceId, spanId: span.id });
    expect(stored).to.deep.include({
      userId: 'ada',
      input: 'question',
      output: 'answer',
      tags: ['a'],
      scope,
      metadata: { a: 1 },
      attributes: { step: 1 },
    });
  });

  it('an end that comes before its start leaves one ended span', async () => {
    const open = { seq: 1, status: 'running', endTime: undefined, endUnixMicro: undefined };
    const first = spanOf(1, 0, { ...open, name: 'late start', input: 'asked' });
    const last = spanOf(1, 0, { name: 'late start', output: 'answered' });
    await test.ingest([ended(last)]);
    await obs.flush();
    await test.ingest([started(first)]);
    await obs.flush();
    const { spans } = (await obs.store!.getTrace({ traceId: first.traceId }))!;
    expect(spans).to.have.length(1);
    expect(spans[0]).to.include({ seq: 2, status: 'ok', input: 'asked', output: 'answered' });
  });

  it('the spans of a trace come back in the order of their start', async () => {
    const spans = [3, 0, 2, 1].map((n) => spanOf(1, n));
    await test.ingest(spans.map(ended));
    await obs.flush();
    const trace = await obs.store!.getTrace({ traceId: spans[0]!.traceId });
    expect(trace!.spans.map(({ id }) => id)).to.deep.equal([0, 1, 2, 3].map(spanId));
  });

  it('a filter that the store does not know is refused by its name', async () => {
    const filters = { rootEntityName: 'support' } as object;
    const refused = await obs.store!.listTraces({ filters }).catch((error: unknown) => error);
    expect(refused).to.have.property('code', 'OBS_STORE_QUERY');
    expect((refused as Error).message).to.include('rootEntityName');
  });

  it('one span that cannot be stored costs nothing but itself', async () => {
    const good = Array.from({ length: 9 }, (_, n) => spanOf(n, 0));
    const bad = { ...spanOf(9, 0), startTime: new Date(Number.NaN), startUnixMicro: Number.NaN };
    await test.ingest([...good.slice(0, 5), bad, ...good.slice(5)].map(ended));
    await obs.flush();
    const { pagination } = await obs.store!.listTraces();
    expect(pagination.total).to.equal(9);
    const { delivered, dropped, lastError } = obs.diagnostics().plugins['local']!.signals.tracing!;
    expect({ delivered, dropped }).to.deep.equal({ delivered: 9, dropped: { rejected: 1 } });
    expect(lastError?.message).to.include(bad.traceId);
  });

  it('a password in the data of a log is not stored', async () => {
    obs.logger.warn('login', { user: 'ada', password: 'hunter2', nested: [{ 'API-Key': 'k-123' }] });
    await obs.flush();
    const { logs } = await obs.store!.listLogs();
    expect(logs[0]!.record.data).to.deep.equal({
      user: 'ada',
      password: '[REDACTED]',
      nested: [{ 'API-Key': '[REDACTED]' }],
    });
  });
});
