import { tmpdir } from 'node:os';
import { expect } from 'chai';
import sinon from 'sinon';
import { createObs, type Plugin } from '../../../core/index.ts';
import { fromMastra } from '../../../plugins/mastra/index.ts';
import { createTestHost } from '../../kit/host.ts';
import { RecordingExporter } from './recording-exporter.ts';

const ALL = ['onLogEvent', 'onMetricEvent', 'onScoreEvent', 'onFeedbackEvent'] as const;

/** A started instance with the exporter as its only plugin, `vendor`. */
async function hostOf(exporter: RecordingExporter, options?: Parameters<typeof fromMastra>[1]) {
  const host = createTestHost({ plugins: { vendor: fromMastra(exporter, options).use as Plugin } });
  await host.start();
  const signals = () => host.obs.diagnostics().plugins['vendor']!.signals;
  return { ...host, signals };
}

describe('fromMastra', () => {
  it('starts an exporter as Mastra does: logger, then init with the name of the service', async () => {
    const exporter = new RecordingExporter();
    await hostOf(exporter);
    expect(exporter.calls).to.deep.equal(['__setLogger', 'init']);
    expect(exporter.initOptions?.config).to.deep.equal({ name: 'test-service', serviceName: 'test-service' });
    expect(exporter.initOptions).to.not.have.property('mastra');
  });

  it('hands over starts, updates and ends under their names there, and no event of its own for an error', async () => {
    const exporter = new RecordingExporter();
    const { obs } = await hostOf(exporter);
    const span = obs.startSpan({ name: 'work' });
    span.update({ metadata: { step: 1 } });
    span.error({ error: new Error('broken') });
    await obs.flush();
    expect(exporter.tracing.map(({ type }) => type)).to.deep.equal([
      'span_started',
      'span_updated',
      'span_ended',
    ]);
    expect(exporter.span('work').errorInfo).to.deep.include({ message: 'broken', name: 'Error' });
  });

  it('declares and gets only the signals that the exporter has handlers for', async () => {
    const { obs, signals } = await hostOf(new RecordingExporter(['onScoreEvent']));
    obs.logger.info('nobody asked');
    await obs.flush();
    expect(Object.keys(signals())).to.deep.equal(['tracing', 'scores']);
    expect((fromMastra(new RecordingExporter(ALL)).use as Plugin).signals).to.have.length(5);
  });

  it('hands over logs, metrics, scores and feedback with their ids in the shapes of Mastra', async () => {
    const exporter = new RecordingExporter(ALL);
    const { obs } = await hostOf(exporter);
    const span = obs.startSpan({ name: 'work', userId: 'u-1', sessionId: 's-1' });
    span.run(() => {
      obs.logger.warn('slow', { ms: 3 });
      obs.metrics.counter('tokens', { unit: '{token}' }).add(7, { model: 'm' });
    });
    span.addScore({ id: 'score-1', scorerId: 'judge', score: 0.5, label: 'fair', source: 'live' });
    span.addFeedback({ id: 'feedback-1', feedbackType: 'thumbs', value: 1, userId: 'u-2', source: 'widget' });
    span.end();
    await obs.flush();
    const of = (type: string) => exporter.others.find((event) => event.type === type)[type];
    const place = { traceId: span.traceId, spanId: span.id };
    expect(of('log')).to.deep.include({ ...place, level: 'warn', message: 'slow', data: { ms: 3 } });
    expect(of('log').correlationContext).to.deep.include({ userId: 'u-1', serviceName: 'test-service' });
    expect(of('log').logId).to.match(/^[0-9a-f]{32}$/);
    expect(of('metric')).to.deep.include({ ...place, name: 'tokens', value: 7, labels: { model: 'm' } });
    expect(of('metric').metadata).to.deep.equal({ metricType: 'counter', unit: '{token}' });
    expect(of('score')).to.deep.include({
      ...place,
      scoreId: 'score-1',
      scorerId: 'judge',
      score: 0.5,
      scoreSource: 'live',
      metadata: { label: 'fair' },
    });
    expect(of('feedback')).to.deep.include({
      ...place,
      feedbackId: 'feedback-1',
      value: 1,
      feedbackUserId: 'u-2',
      userId: 'u-2',
      feedbackSource: 'widget',
      metadata: { sessionId: 's-1' },
    });
  });

  it('counts a score that is a word as rejected, since Mastra knows numbers only', async () => {
    const exporter = new RecordingExporter(['onScoreEvent']);
    const { obs, signals } = await hostOf(exporter);
    obs.addScore({ scorerId: 'judge', label: 'good' });
    await obs.flush();
    expect(signals().scores).to.deep.include({ accepted: 1, delivered: 0, dropped: { rejected: 1 } });
    expect(exporter.others).to.have.length(0);
  });

  it('hands scores to the older call where the exporter has no other', async () => {
    const scores: object[] = [];
    const exporter = Object.assign(new RecordingExporter(), {
      addScoreToTrace: async (score: object) => void scores.push(score),
    });
    const { obs } = await hostOf(exporter);
    const span = obs.startSpan({ name: 'work' });
    span.addScore({ scorerId: 'judge', score: 0.5 });
    await obs.flush();
    const expected = { traceId: span.traceId, spanId: span.id, score: 0.5, scorerName: 'judge' };
    expect(scores).to.deep.equal([expected]);
  });

  it('counts an event whose handler failed as ambiguous, and does not hand it over again', async () => {
    const exporter = new RecordingExporter();
    const { obs, signals, warnings } = await hostOf(exporter);
    exporter.failure = new Error('socket closed');
    obs.startSpan({ name: 'work' });
    await obs.flush();
    expect(exporter.calls.filter((call) => call === 'span_started work')).to.have.length(1);
    expect(signals().tracing).to.deep.include({ delivered: 0, dropped: { ambiguous: 1 } });
    expect(warnings.join()).to.include('the exporter "Recording Exporter" failed: socket closed');
  });

  it('hands it over again where the destination is said to recognise it', async () => {
    const exporter = new RecordingExporter();
    const take = exporter.exportTracingEvent.bind(exporter);
    const failing = sinon.stub(exporter, 'exportTracingEvent').callsFake(take);
    failing.onFirstCall().rejects(new Error('socket closed'));
    const { obs, signals } = await hostOf(exporter, { redelivery: 'safe' });
    obs.startSpan({ name: 'work' });
    await obs.flush();
    expect(failing.callCount).to.equal(2);
    expect(signals().tracing).to.deep.include({ delivered: 1, dropped: {} });
  });

  it('lets events wait for an exporter that switched itself off, and says so', async () => {
    const exporter = new RecordingExporter();
    exporter.isDisabled = true;
    const { obs, signals, warnings } = await hostOf(exporter);
    obs.startSpan({ name: 'work' });
    expect(signals().tracing).to.deep.include({ accepted: 1, queued: 1, delivered: 0 });
    expect(obs.diagnostics().plugins['vendor']!.state).to.equal('degraded');
    expect(warnings.join()).to.include('"Recording Exporter" has switched itself off');
    await obs.shutdown({ deadlineMs: 0 });
  });

  it('puts what the exporter says it lost into the account of this host', async () => {
    const exporter = new RecordingExporter();
    const { obs, signals, warnings } = await hostOf(exporter);
    obs.startSpan({ name: 'work' }).end();
    await obs.flush();
    exporter.drop({ signal: 'tracing', count: 1, error: { message: 'HTTP 500' } });
    exporter.drop({ signal: 'of the future', count: 1 });
    expect(signals().tracing).to.deep.include({ accepted: 2, delivered: 1, dropped: { rejected: 1 } });
    expect(signals().tracing!.lastError!.message).to.equal('retry-exhausted: HTTP 500');
    expect(warnings.join()).to.include('ERROR plugin "vendor" lost 1 tracing events (rejected)');
  });

  it('says what the exporter logs as a warning or an error, with its reason, once', async () => {
    const exporter = new RecordingExporter();
    const { warnings } = await hostOf(exporter);
    for (let i = 0; i < 3; i++) exporter.logger!.error('Failed to send', { error: new Error('HTTP 401') });
    exporter.logger!.warn('slow');
    exporter.logger!.debug('noise');
    expect(warnings).to.deep.equal([
      'obs ERROR plugin "vendor": Failed to send: HTTP 401',
      'obs WARN plugin "vendor": slow',
    ]);
  });

  it('flushes and shuts the exporter down after its events', async () => {
    const exporter = new RecordingExporter();
    const { obs } = await hostOf(exporter);
    obs.startSpan({ name: 'work' });
    await obs.shutdown();
    expect(exporter.calls.slice(2)).to.deep.equal(['span_started work', 'flush', 'shutdown']);
  });

  it('is an entry of a config, alone or under use, and an exporter to register by hand', async () => {
    const exporters = [0, 1, 2].map(() => new RecordingExporter());
    const [alone, under, byHand] = exporters.map((exporter) => fromMastra(exporter, { name: 'vendor' }));
    const context = {
      cwd: tmpdir(),
      env: {},
      surroundings: { hasTerminal: false, isCi: false, isContainer: false },
      config: { plugins: { alone: alone!, under: { use: under!, signals: ['tracing' as const] } } },
    };
    const obs = await createObs({}, context);
    obs.registerExporter(byHand!);
    obs.startSpan({ name: 'work' }).end();
    await obs.shutdown();
    expect(Object.keys(obs.diagnostics().plugins)).to.deep.equal(['alone', 'under', 'vendor']);
    for (const { tracing } of exporters) expect(tracing).to.have.length(2);
  });

  it('is named after the exporter, in the letters that a plugin may have', () => {
    expect(fromMastra(new RecordingExporter()).name).to.equal('mastra-recording-exporter');
    expect(fromMastra(Object.assign(new RecordingExporter(), { name: '...' })).name).to.equal(
      'mastra-exporter',
    );
  });
});
