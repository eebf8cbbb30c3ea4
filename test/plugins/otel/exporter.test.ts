import { expect } from 'chai';
import type { PluginUse } from '../../../core/index.ts';
import { OtelExporter, type OtelOptions, otel } from '../../../plugins/otel/index.ts';
import { otelOptions } from '../../../plugins/otel/options.ts';
import { type FaultServer, later, ok, startFaultServer, status } from '../../kit/fault-server.ts';
import { createTestHost, type TestHost } from '../../kit/host.ts';
import {
  decodeRequest,
  encodeResponse,
  logsOf,
  type Message,
  metricsOf,
  plainValue,
  spansOf,
} from '../../kit/otlp.ts';

describe('the otel plugin', () => {
  let server: FaultServer;
  let hosts: TestHost[];
  beforeEach(async () => {
    server = await startFaultServer();
    hosts = [];
  });
  afterEach(async () => {
    await server.close();
    for (const { obs } of hosts) await obs.shutdown();
  });

  async function started(options: OtelOptions = {}, delivery: object = {}): Promise<TestHost> {
    const given = { endpoint: server.url, probe: false, ...options };
    const { use } = otel(given) as PluginUse;
    const entry = { plugin: use, options: otelOptions.parse(given), delivery };
    const host = createTestHost({ plugins: { otel: entry } });
    hosts.push(host);
    await host.start();
    return host;
  }
  const requests = (path: string) => server.requests.filter((request) => request.path === path);
  const spans = (): Message[] =>
    requests('/v1/traces').flatMap(({ body }) => spansOf(decodeRequest('traces', body)));
  const logs = (): Message[] =>
    requests('/v1/logs').flatMap(({ body }) => logsOf(decodeRequest('logs', body)));
  const counts = ({ obs }: TestHost, signal: 'tracing' | 'metrics' | 'logs') =>
    obs.diagnostics().plugins['otel']!.signals[signal]!;

  it('sends spans once, at their end, as zipped protobuf', async () => {
    const { obs } = await started();
    obs.trace('work', (span) => {
      span.update({ metadata: { step: 1 } });
    });
    await obs.flush();
    expect(server.requests).to.have.lengthOf(1);
    const [request] = requests('/v1/traces');
    expect(request!.isZipped).to.equal(true);
    expect(request!.headers['content-type']).to.equal('application/x-protobuf');
    expect(request!.headers['user-agent']).to.match(/^obs-kit\//);
    const [span] = spans();
    expect(span).to.deep.include({ name: 'work' });
    expect(span!['attributes']).to.deep.include({ 'obs.span.type': 'generic', 'obs.metadata.step': 1 });
    expect(span!['resource']).to.deep.include({
      'service.name': 'test-service',
      'deployment.environment.name': 'test',
    });
  });

  it('sends JSON, and nothing zipped, when asked', async () => {
    const { obs } = await started({ encoding: 'json', compression: 'none' });
    obs.logger.warn('low', { left: 3 });
    await obs.flush();
    const [request] = requests('/v1/logs');
    expect(request!.isZipped).to.equal(false);
    expect(request!.headers['content-type']).to.equal('application/json');
    const [log] = logsOf(decodeRequest('logs', request!.body, true));
    expect(log).to.include({ severityNumber: 13, severityText: 'WARN' });
    expect(plainValue(log!['body'])).to.equal('low');
    expect(log!['attributes']).to.deep.equal({ left: 3 });
  });

  it('sends scores and feedback as evaluation results of the span they are about', async () => {
    const { obs } = await started();
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const spanId = 'b7ad6b7169203331';
    obs.addScore({
      scorerId: 's-1',
      scorerName: 'tone',
      score: 0.5,
      label: 'fair',
      reason: 'flat',
      traceId,
      spanId,
    });
    obs.addFeedback({ feedbackType: 'thumbs', value: -1, comment: 'wrong', userId: 'u-1', traceId });
    await obs.flush();
    const [score, feedback] = logs().sort((a) => (a['spanId'] ? -1 : 1));
    expect(score).to.deep.include({
      eventName: 'gen_ai.evaluation.result',
      traceId,
      spanId,
      severityNumber: 9,
    });
    expect(score!['attributes']).to.deep.include({
      'gen_ai.evaluation.name': 'tone',
      'gen_ai.evaluation.score.value': 0.5,
      'gen_ai.evaluation.score.label': 'fair',
      'gen_ai.evaluation.explanation': 'flat',
      'obs.score.scorer.id': 's-1',
    });
    expect(feedback).to.deep.include({ eventName: 'gen_ai.evaluation.result', traceId });
    expect(feedback!['attributes']).to.deep.include({
      'gen_ai.evaluation.name': 'thumbs',
      'gen_ai.evaluation.score.value': -1,
      'obs.feedback.annotator': 'human',
      'obs.feedback.value': '-1',
      'obs.feedback.user.id': 'u-1',
    });
  });

  it('aggregates the metrics of a batch into one request', async () => {
    const { obs } = await started();
    const calls = obs.metrics.counter('calls', { unit: '{call}' });
    calls.add(2, { model: 'a' });
    calls.add(3, { model: 'a' });
    calls.add(1, { model: 'b' });
    await obs.flush();
    const [calls_] = requests('/v1/metrics').flatMap(({ body }) => metricsOf(decodeRequest('metrics', body)));
    expect(calls_).to.include({ name: 'calls', unit: '{call}' });
    expect(calls_!['sum'].dataPoints.map(({ asDouble }: Message) => asDouble)).to.deep.equal([5, 1]);
  });

  it('counts what a destination refuses of a request as rejected, and does not send it again', async () => {
    server.script(
      ok({
        headers: { 'content-type': 'application/x-protobuf' },
        body: encodeResponse('logs', { partialSuccess: { rejectedLogRecords: 2, errorMessage: 'too old' } }),
      }),
    );
    const host = await started();
    for (const n of [1, 2, 3]) host.obs.logger.info(`log ${n}`);
    await host.obs.flush();
    expect(server.requests).to.have.lengthOf(1);
    expect(counts(host, 'logs')).to.deep.include({ accepted: 3, delivered: 1 });
    expect(counts(host, 'logs').dropped).to.deep.equal({ rejected: 2 });
    expect(host.warnings.join()).to.include('2 of 3 refused, which ones is not said: too old');
  });

  it('knows which were refused when all were', async () => {
    const body = encodeResponse('traces', { partialSuccess: { rejectedSpans: 1, errorMessage: 'quota' } });
    const exporter = new OtelExporter({ endpoint: server.url }, {});
    server.otherwise = ok({ headers: { 'content-type': 'application/x-protobuf' }, body });
    const host = createTestHost();
    host.obs.registerExporter(exporter);
    host.obs.trace('work', () => {});
    await host.obs.flush();
    const { dropped } = host.obs.diagnostics().plugins['otel']!.signals.tracing!;
    expect(dropped).to.deep.equal({ rejected: 1 });
    await host.obs.shutdown();
  });

  it('says once what a destination warns of', async () => {
    const body = encodeResponse('logs', { partialSuccess: { errorMessage: 'old field' } });
    server.otherwise = ok({ headers: { 'content-type': 'application/x-protobuf' }, body });
    const host = await started();
    for (const n of [1, 2]) {
      host.obs.logger.info(`log ${n}`);
      await host.obs.flush();
    }
    expect(counts(host, 'logs')).to.deep.include({ accepted: 2, delivered: 2 });
    expect(host.warnings.filter((line) => line.includes('old field'))).to.have.lengthOf(1);
  });

  it('tries again what the protocol lets it, and nothing else', async () => {
    server.script(later(429, '0'), status(502), status(503), status(504));
    const host = await started({}, { retry: { initialDelayMs: 0, maxDelayMs: 0 } });
    host.obs.logger.info('again');
    await host.obs.flush();
    expect(server.requests).to.have.lengthOf(5);
    expect(counts(host, 'logs')).to.deep.include({ delivered: 1 });
    server.script(status(500));
    host.obs.logger.info('never');
    await host.obs.flush();
    expect(server.requests).to.have.lengthOf(6);
    expect(counts(host, 'logs').dropped).to.deep.equal({ rejected: 1 });
  });

  it('counts an observation once, however often its batch is sent', async () => {
    server.script(status(503), status(503));
    const options: OtelOptions = { temporality: 'cumulative' };
    const host = await started(options, { retry: { initialDelayMs: 0, maxDelayMs: 0 } });
    host.obs.metrics.counter('calls').add(2);
    await host.obs.flush();
    host.obs.metrics.counter('calls').add(1);
    await host.obs.flush();
    const sums = requests('/v1/metrics').map(
      ({ body }) => metricsOf(decodeRequest('metrics', body))[0]!['sum'].dataPoints[0].asDouble,
    );
    expect(sums).to.deep.equal([2, 2, 2, 3]);
  });

  it('shortens a span that is too large by itself, and says so on it', async () => {
    const host = await started({ maxRequestBytes: 100_000, compression: 'none' });
    host.obs.trace('large', { input: 'x'.repeat(250_000), metadata: { kept: 'short' } }, () => {});
    await host.obs.flush();
    expect(server.requests.at(-1)!.body.length).to.be.below(100_000);
    const [span] = spans();
    expect(span!['attributes']).to.deep.include({ 'obs.truncated': true, 'obs.metadata.kept': 'short' });
    expect(span!['attributes']['obs.input']).to.match(/^x{65536}…\[184464 characters cut\]$/);
    expect(counts(host, 'tracing')).to.deep.include({ delivered: 1 });
  });

  it('shortens a span that a destination finds too large, and gives it up when that does not help', async () => {
    server.script(status(413));
    const host = await started();
    host.obs.trace('large', { input: 'x'.repeat(250_000) }, () => {});
    await host.obs.flush();
    expect(requests('/v1/traces').map(({ body }) => body.length > 128_000)).to.deep.equal([true, false]);
    expect(counts(host, 'tracing')).to.deep.include({ delivered: 1 });
    server.otherwise = status(413);
    host.obs.trace('large', { input: 'x'.repeat(250_000) }, () => {});
    await host.obs.flush();
    expect(counts(host, 'tracing').dropped).to.deep.equal({ rejected: 1 });
  });

  it('rejects an event that cannot be written, and delivers the others', async () => {
    const host = await started();
    const span = (id: string, startUnixMicro: number) => ({
      type: 'span.ended' as const,
      exportedSpan: {
        id,
        traceId: '0af7651916cd43dd8448eb211c80319c',
        name: id,
        type: 'generic' as const,
        isRootSpan: true,
        isEvent: false,
        seq: 1,
        status: 'ok' as const,
        startTime: new Date(0),
        startUnixMicro,
        endUnixMicro: startUnixMicro,
      },
    });
    await host.obs.bus.ingest([span('b7ad6b7169203331', 1e15), span('b7ad6b7169203332', Number.NaN)]);
    await host.obs.flush();
    expect(spans().map(({ spanId }) => spanId)).to.deep.equal(['b7ad6b7169203331']);
    expect(counts(host, 'tracing')).to.deep.include({ delivered: 1 });
    expect(counts(host, 'tracing').dropped).to.deep.equal({ rejected: 1 });
  });

  it('has handlers for what its destination takes, and taps no other', async () => {
    const langsmith = new OtelExporter({ preset: 'langsmith', apiKey: 'k-123456' }, {});
    expect(Object.keys(langsmith).filter((key) => /^on/.test(key) && langsmith[key as never])).to.deep.equal([
      'onTracingEvent',
    ]);
    const { obs } = await started({ preset: 'jaeger' });
    expect(['tracing', 'logs', 'metrics'].map((signal) => obs.bus.isHeard(signal as never))).to.deep.equal([
      true,
      false,
      false,
    ]);
  });

  it('asks at the start whether the address takes OTLP, with an empty request', async () => {
    await started({ probe: true });
    expect(server.requests.map(({ path, body }) => [path, body.length])).to.deep.equal([['/v1/traces', 0]]);
  });

  it('is degraded by an address that answers with a web page, and not by one where nobody answers yet', async () => {
    server.script(status(200, { headers: { 'content-type': 'text/html' }, body: '<html>' }));
    const host = await started({ probe: true });
    expect(host.obs.diagnostics().plugins['otel']!.state).to.equal('degraded');
    expect(host.warnings.join()).to.include('web page');
    await server.close();
    const other = await started({ probe: true });
    expect(other.obs.diagnostics().plugins['otel']!.state).to.equal('running');
  });

  it('can be registered by hand, and its handlers called by hand', async () => {
    const exporter = new OtelExporter({ endpoint: server.url }, {});
    const log = {
      type: 'log' as const,
      id: '1',
      record: { level: 'info' as const, message: 'hello' },
      timestamp: new Date(1),
      timeUnixMicro: 1000,
    };
    await exporter.onLogEvent!(log);
    expect(logs()).to.have.lengthOf(1);
    server.script(status(400, { body: 'no thanks' }));
    const error = await exporter.onLogEvent!(log).catch((failure) => failure);
    expect(error.message).to.include('no thanks');
  });

  it('names every wrong option at once', () => {
    const options = { preset: 'sentry', encoding: 'xml', maxSeries: 0 } as never;
    expect(() => new OtelExporter(options, {})).to.throw(/OBS_PLUGIN_OPTIONS.*encoding.*maxSeries/);
    expect(() => new OtelExporter({ preset: 'sentry' }, {})).to.throw(
      /apiKey: preset "sentry" needs it; params\.host: .*; params\.project: /,
    );
    expect(() => new OtelExporter({ preset: 'phoenix', encoding: 'json' }, {})).to.throw(
      /encoding: preset "phoenix" takes protobuf only/,
    );
    expect(() => new OtelExporter({ certificate: '/nowhere.pem' }, {})).to.throw(
      /certificate cannot be read/,
    );
  });
});
