import { expect } from 'chai';
import sinon from 'sinon';
import { toMastra } from '../../../plugins/mastra/index.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';
import { ended, mastraSpan, started, TRACE_ID, updated } from './mastra-events.ts';

const AT = new Date(1_500);

function fed() {
  const host = createRecordedHost();
  return { ...host, exporter: toMastra(host.obs) };
}

describe('toMastra', () => {
  it('gives a span under its own ids, numbered from its start to its end', async () => {
    const { exporter, tracing } = fed();
    const span = mastraSpan({ parentSpanId: '00000000000000cc' });
    await exporter.onTracingEvent(started(span));
    await exporter.onTracingEvent(updated({ ...span, output: 'half' }));
    await exporter.onTracingEvent(ended({ ...span, output: 'whole' }));
    expect(
      tracing.map(({ type, exportedSpan }) => [type, exportedSpan.seq, exportedSpan.status]),
    ).to.deep.equal([
      ['span.started', 1, 'running'],
      ['span.updated', 2, 'running'],
      ['span.ended', 3, 'ok'],
    ]);
    expect(tracing[2]!.exportedSpan).to.deep.include({
      id: '00000000000000aa',
      traceId: TRACE_ID,
      parentSpanId: '00000000000000cc',
      isRootSpan: false,
      startUnixMicro: 1_000_000,
      endUnixMicro: 2_000_000,
      output: 'whole',
    });
  });

  it('tells of an error once, before the end', async () => {
    const { exporter, tracing } = fed();
    const errorInfo = { message: 'broken', name: 'TypeError', id: 'E1', domain: 'TOOL', stack: 'at x' };
    const failing = mastraSpan({ errorInfo });
    await exporter.onTracingEvent(started(mastraSpan()));
    await exporter.onTracingEvent(updated(failing));
    await exporter.onTracingEvent(ended(failing));
    expect(tracing.map(({ type }) => type)).to.deep.equal(['span.started', 'span.error', 'span.ended']);
    const error = {
      message: 'broken',
      name: 'TypeError',
      code: 'E1',
      stack: 'at x',
      details: { domain: 'TOOL' },
    };
    expect(tracing[1]).to.deep.include({ error });
    expect(tracing[1]!.exportedSpan).to.include({ status: 'running' }).and.not.have.property('endTime');
    expect(tracing[2]!.exportedSpan).to.deep.include({ status: 'error', errorInfo: error, seq: 3 });
  });

  it('goes on behind what another process told of a span', async () => {
    const { exporter, tracing } = fed();
    await exporter.onTracingEvent(ended(mastraSpan()));
    expect(tracing[0]!.exportedSpan.seq).to.equal(1_001);
  });

  it('gives a point in time as one event', async () => {
    const { exporter, tracing } = fed();
    await exporter.onTracingEvent({ type: 'span_ended', exportedSpan: mastraSpan({ isEvent: true }) });
    expect(tracing).to.have.length(1);
    expect(tracing[0]!.exportedSpan).to.deep.include({ isEvent: true, seq: 1, endUnixMicro: 1_000_000 });
  });

  it('takes the parent in another system for the parent of the root', async () => {
    const { exporter, tracing } = fed();
    await exporter.onTracingEvent(started(mastraSpan({ externalParentSpanId: '00000000000000dd' })));
    expect(tracing[0]!.exportedSpan).to.include({ isRootSpan: true, parentSpanId: '00000000000000dd' });
  });

  it('makes fields of what Mastra keeps in the metadata, and leaves the rest there', async () => {
    const { exporter, tracing } = fed();
    exporter.init({ config: { name: 'shop', serviceName: 'shop' } });
    const metadata = { userId: 'u-1', threadId: 't-1', tier: 'gold', langfuse: { prompt: { name: 'p' } } };
    const requestContext = { region: 'eu' };
    await exporter.onTracingEvent(started(mastraSpan({ metadata, requestContext, entityName: 'Support' })));
    const { exportedSpan } = tracing[0]!;
    expect(exportedSpan).to.include({
      userId: 'u-1',
      threadId: 't-1',
      serviceName: 'shop',
      entityName: 'Support',
    });
    expect(exportedSpan.metadata).to.deep.equal({
      tier: 'gold',
      langfuse: { prompt: { name: 'p' } },
      requestContext,
    });
  });

  it('gives types that are known here, and keeps the ones that say more', async () => {
    const { exporter, tracing } = fed();
    for (const type of ['workflow_run', 'rag_embedding', 'provider_tool_call', 'graph_action'])
      await exporter.onTracingEvent(started(mastraSpan({ type, name: type })));
    expect(tracing.map(({ exportedSpan: { type, attributes } }) => [type, attributes])).to.deep.equal([
      ['workflow_run', undefined],
      ['embedding', { mastraSpanType: 'rag_embedding' }],
      ['tool_call', { mastraSpanType: 'provider_tool_call' }],
      ['generic', { mastraSpanType: 'graph_action' }],
    ]);
  });

  it('maps what a model call used, cost and was asked for', async () => {
    const { exporter, tracing } = fed();
    const attributes = {
      model: 'm-1',
      usage: {
        inputTokens: 10,
        outputTokens: 2,
        inputDetails: { text: 4, cacheWrite: 6, cacheWrite5m: 2, cacheWrite1h: 4, audio: undefined },
      },
      costContext: { estimatedCost: 0.5, costUnit: 'usd', costMetadata: { source: 'provider_reported' } },
      completionStartTime: new Date(1_250),
      parameters: { temperature: 0, headers: { authorization: 'secret' }, abortSignal: {} },
    };
    await exporter.onTracingEvent(started(mastraSpan({ type: 'model_generation', attributes })));
    expect(tracing[0]!.exportedSpan.attributes).to.deep.equal({
      model: 'm-1',
      usage: { inputTokens: 10, outputTokens: 2, inputDetails: { text: 4, cacheWrite: 6 } },
      cost: { total: 0.5, currency: 'USD' },
      costMetadata: { source: 'provider_reported' },
      timeToFirstTokenMs: 250,
      parameters: { temperature: 0 },
    });
  });

  it('gives logs, metrics, scores and feedback under their own ids', async () => {
    const { exporter, logs, metrics, scores, feedback } = fed();
    const place = { timestamp: AT, traceId: TRACE_ID, spanId: '00000000000000aa' };
    const metadata = { userId: 'u-1', tier: 'gold' };
    await exporter.onLogEvent({
      type: 'log',
      log: { ...place, logId: 'l', level: 'warn', message: 'slow', data: { ms: 3 }, metadata },
    });
    await exporter.onMetricEvent({
      type: 'metric',
      metric: {
        ...place,
        metricId: 'm',
        name: 'lookup_ms',
        value: 3,
        labels: { a: 'b' },
        costContext: { model: 'x' },
      },
    });
    await exporter.onScoreEvent({
      type: 'score',
      score: {
        ...place,
        scoreId: 's',
        scorerId: 'judge',
        score: 0,
        source: 'live',
        targetEntityType: 'agent',
      },
    });
    await exporter.onFeedbackEvent({
      type: 'feedback',
      feedback: {
        ...place,
        feedbackId: 'f',
        feedbackType: 'thumbs',
        value: 'up',
        userId: 'u-2',
        sourceId: 'm-9',
      },
    });
    const where = { traceId: TRACE_ID, spanId: '00000000000000aa', timeUnixMicro: 1_500_000 };
    expect(logs[0]).to.deep.include({ ...where, id: 'l', correlation: { userId: 'u-1' } });
    expect(logs[0]!.record).to.deep.equal({
      level: 'warn',
      message: 'slow',
      data: { ms: 3, metadata: { tier: 'gold' } },
    });
    expect(metrics[0]).to.deep.include({ ...where, id: 'm', metricType: 'histogram', unit: 'ms', value: 3 });
    expect(metrics[0]!.metadata).to.deep.equal({ costContext: { model: 'x' } });
    expect(scores[0]).to.deep.include({ ...where, id: 's' });
    expect(scores[0]!.score).to.deep.equal({
      scorerId: 'judge',
      score: 0,
      source: 'live',
      metadata: { targetEntityType: 'agent' },
    });
    expect(feedback[0]).to.deep.include({ ...where, id: 'f' });
    expect(feedback[0]!.feedback).to.deep.equal({
      feedbackType: 'thumbs',
      value: 'up',
      userId: 'u-2',
      metadata: { sourceId: 'm-9' },
    });
  });

  it('asks for the kind of a metric by its name where it is told how', async () => {
    const { obs, metrics } = createRecordedHost();
    const exporter = toMastra(obs, { metricType: (name) => (name === 'queue' ? 'gauge' : 'counter') });
    const metric = { timestamp: AT, metricId: 'm', name: 'queue', value: -1, labels: {} };
    await exporter.onMetricEvent({ type: 'metric', metric });
    expect(metrics[0]).to.include({ metricType: 'gauge', value: -1 });
  });

  it('gives a log of a trace that is not sampled no trace, since all of them share one id', async () => {
    const { exporter, logs } = fed();
    const log = { timestamp: AT, traceId: 'no-op-trace', spanId: 'no-op', logId: 'l', message: 'm' };
    await exporter.onLogEvent({ type: 'log', log: { ...log, level: 'error' } });
    expect(logs[0]).to.not.have.any.keys('traceId', 'spanId');
  });

  it('says what another exporter of the application lost as a log', async () => {
    const { exporter, logs } = fed();
    await exporter.onDroppedEvent({
      type: 'drop',
      signal: 'tracing',
      reason: 'retry-exhausted',
      count: 4,
      timestamp: AT,
      exporterName: 'mastra-storage',
    });
    expect(logs[0]!.record).to.deep.include({
      level: 'error',
      message: 'the exporter "mastra-storage" of Mastra lost 4 tracing events (retry-exhausted)',
    });
  });

  it('makes values plain and bounded, whatever the application put there', async () => {
    const { exporter, tracing, warnings } = fed();
    const input: Record<string, unknown> = { ratio: Number.NaN, at: AT, text: 'x'.repeat(300_000) };
    input['self'] = input;
    await exporter.onTracingEvent(started(mastraSpan({ input })));
    const { exportedSpan } = tracing[0]!;
    expect(exportedSpan.input).to.deep.include({ ratio: 'NaN', at: AT.toISOString(), self: '[circular]' });
    expect(exportedSpan.truncated!.map(({ path }) => path)).to.include('input.text');
    expect(warnings).to.deep.equal([]);
  });

  it('redacts secrets as for everything that is emitted', async () => {
    const { exporter, tracing } = fed();
    await exporter.onTracingEvent(started(mastraSpan({ input: { password: 'hunter2' } })));
    expect(JSON.stringify(tracing)).to.not.include('hunter2');
  });

  it('counts what comes after the shutdown, and never throws', async () => {
    const { exporter, obs } = fed();
    await exporter.shutdown();
    await exporter.onTracingEvent(started(mastraSpan()));
    expect(obs.diagnostics().emitted.tracing).to.deep.equal({ count: 1, dropped: {} });
    await toMastra(obs, { onShutdown: 'close' }).shutdown();
    await exporter.onTracingEvent(ended(mastraSpan()));
    expect(obs.diagnostics().emitted.tracing).to.deep.equal({ count: 1, dropped: { after_shutdown: 1 } });
  });

  it('flushes the instance', async () => {
    const { exporter, obs } = fed();
    const flush = sinon.spy(obs, 'flush');
    await exporter.flush();
    expect(flush.calledOnce).to.equal(true);
  });
});
