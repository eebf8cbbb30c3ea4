import { expect } from 'chai';
import { handlersOf, isObsError, type Plugin } from '../../../core/index.ts';
import { LangfuseExporter, langfuse } from '../../../plugins/langfuse/index.ts';
import { langfuseOptions } from '../../../plugins/langfuse/options.ts';
import { type FaultServer, html, startFaultServer, status } from '../../kit/fault-server.ts';
import { createTestHost, type TestHost, type TestHostOptions } from '../../kit/host.ts';
import { spansIn, spansTaken, TRACES_PATH } from './received.ts';
import { scoreOf, span } from './spans.ts';

const VARIABLES = [
  'LANGFUSE_PUBLIC_KEY',
  'LANGFUSE_SECRET_KEY',
  'LANGFUSE_BASE_URL',
  'LANGFUSE_BASEURL',
  'LANGFUSE_HOST',
  'LANGFUSE_TRACING_ENVIRONMENT',
  'LANGFUSE_RELEASE',
];

describe('langfuse', () => {
  let server: FaultServer;
  let host: TestHost | undefined;
  let before: Record<string, string | undefined>;

  beforeEach(async () => {
    before = Object.fromEntries(VARIABLES.map((name) => [name, process.env[name]]));
    for (const name of VARIABLES) delete process.env[name];
    server = await startFaultServer();
  });

  afterEach(async () => {
    for (const [name, value] of Object.entries(before))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    await host?.obs.shutdown({ deadlineMs: 50 });
    host = undefined;
    await server.close();
  });

  /** A host with the plugin, started. */
  async function start(options: object = {}, more: TestHostOptions = {}): Promise<TestHost['obs']> {
    const keys = { publicKey: 'pk-lf-1', secretKey: 'sk-lf-1', baseUrl: server.url };
    const entry = {
      plugin: langfuse as unknown as Plugin,
      options: langfuseOptions.parse({ ...keys, ...options }),
    };
    host = createTestHost({ plugins: { cloud: entry }, ...more });
    await host.start();
    return host.obs;
  }

  it('declares what it takes, and that a span must not come twice', () => {
    expect(langfuse).to.include({ name: 'langfuse', kind: 'exporter', redelivery: 'unsafe' });
    expect(langfuse.signals).to.deep.equal(['tracing', 'scores', 'feedback']);
    const exporter = new LangfuseExporter({ publicKey: 'pk', secretKey: 'sk' });
    expect(Object.keys(handlersOf(exporter))).to.have.members(['tracing', 'scores', 'feedback']);
  });

  it('sends each span once, at its end, with its ids and the context of the trace', async () => {
    const obs = await start({ release: 'r-1' });
    server.requests.length = 0;
    const root = obs.startSpan({
      name: 'support',
      type: 'agent_run',
      userId: 'u-1',
      sessionId: 's-1',
      tags: ['beta'],
    });
    const child = root.createChildSpan({
      name: 'chat',
      type: 'model_generation',
      attributes: { model: 'm-1' },
    });
    child.createEventSpan({ name: 'noticed', output: 'x' });
    child.update({ metadata: { step: 1 } });
    child.end({ output: 'hi' });
    root.end();
    await obs.flush();
    const spans = server.requests.flatMap(spansIn);
    expect(spans.map(({ name }) => name)).to.have.members(['noticed', 'chat', 'support']);
    for (const { traceId, attributes } of spans) {
      expect(traceId).to.equal(root.traceId);
      expect(attributes).to.deep.include({
        'langfuse.trace.name': 'support',
        'user.id': 'u-1',
        'session.id': 's-1',
        'langfuse.trace.tags': ['beta'],
        'langfuse.environment': 'test',
        'langfuse.release': 'r-1',
      });
    }
    const chat = spans.find(({ name }) => name === 'chat')!;
    expect(chat).to.include({ spanId: child.id, parentSpanId: root.id });
    const noticed = spans.find(({ name }) => name === 'noticed')!;
    expect(noticed.attributes).to.include({ 'langfuse.observation.type': 'event' });
    expect(noticed).to.include({ parentSpanId: child.id, endTimeUnixNano: noticed.startTimeUnixNano });
  });

  it('tells of the trace on a child that is sent long before its root ends', async () => {
    const obs = await start();
    const root = obs.startSpan({ name: 'long run', tags: ['beta'], metadata: { plan: 'pro' } });
    root.createChildSpan({ name: 'early' }).end();
    await obs.flush();
    const [early] = spansTaken(server.requests);
    expect(early).to.include({ name: 'early' });
    expect(early?.attributes).to.deep.include({
      'langfuse.trace.name': 'long run',
      'langfuse.trace.tags': ['beta'],
      'langfuse.trace.metadata.plan': 'pro',
    });
    root.end();
    const { accepted, delivered } = obs.diagnostics().plugins['cloud']!.signals.tracing!;
    expect({ accepted, delivered }).to.deep.equal({ accepted: 2, delivered: 1 });
  });

  it('speaks as the endpoint wants it', async () => {
    const obs = await start({ headers: { 'x-proxy': 'p' } });
    obs.startSpan({ name: 'a' }).end();
    await obs.flush();
    const request = server.requests.at(-1)!;
    expect(request).to.include({ method: 'POST', path: TRACES_PATH, isZipped: true });
    expect(request.headers).to.include({
      authorization: `Basic ${Buffer.from('pk-lf-1:sk-lf-1').toString('base64')}`,
      'content-type': 'application/x-protobuf',
      'x-langfuse-ingestion-version': '4',
      'x-langfuse-sdk-name': 'obs-kit',
      'x-proxy': 'p',
    });
    expect(spansIn(request)[0]?.resource).to.include({ 'service.name': 'test-service' });
  });

  it('sends without compression where asked', async () => {
    const obs = await start({ compression: 'none' });
    obs.startSpan({ name: 'a' }).end();
    await obs.flush();
    expect(server.requests.at(-1)).to.include({ isZipped: false });
    expect(spansTaken(server.requests)).to.have.length(1);
  });

  it('sends scores and feedback as scores', async () => {
    const obs = await start();
    obs.addScore({ scorerId: 'relevance', score: 0.5, traceId: 'a'.repeat(32), id: 'score-1' });
    obs.addFeedback({ feedbackType: 'thumbs', value: 1, traceId: 'a'.repeat(32), id: 'feedback-1' });
    await obs.flush();
    const scores = server.requests
      .filter(({ path }) => path === '/api/public/scores')
      .flatMap(({ body }) => JSON.parse(body.toString()))
      .map(({ id, name, value, environment }) => ({ id, name, value, environment }));
    expect(scores).to.have.deep.members([
      { id: 'score-1', name: 'relevance', value: 0.5, environment: 'test' },
      { id: 'feedback-1', name: 'user-thumbs', value: 1, environment: 'test' },
    ]);
  });

  it('refuses what Langfuse cannot take without asking, and names what the server refuses by its place in the batch', async () => {
    const keys = { publicKey: 'pk', secretKey: 'sk', baseUrl: server.url, scoresApi: 'single' } as const;
    const context = { batchId: 'b', attempt: 1, abortSignal: new AbortController().signal };
    server.script(status(200), status(400));
    const onNothing = scoreOf({ score: 1 }, { traceId: undefined } as never);
    const batch = [onNothing, scoreOf({ score: 1 }, { id: 'good' }), scoreOf({ score: 1 }, { id: 'bad' })];
    const result = await new LangfuseExporter(keys).send('scores', batch, context);
    expect(result?.rejected.map(({ index }) => index)).to.deep.equal([0, 2]);
    expect(server.requests).to.have.length(2);
  });

  it('takes its options from the variables of Langfuse', () => {
    process.env['LANGFUSE_PUBLIC_KEY'] = 'pk-env';
    process.env['LANGFUSE_SECRET_KEY'] = 'sk-env';
    process.env['LANGFUSE_HOST'] = 'https://eu.example.com/';
    process.env['LANGFUSE_TRACING_ENVIRONMENT'] = 'staging';
    process.env['LANGFUSE_RELEASE'] = 'r-9';
    expect(langfuseOptions.parse({})).to.include({
      publicKey: 'pk-env',
      secretKey: 'sk-env',
      baseUrl: 'https://eu.example.com',
      environment: 'staging',
      release: 'r-9',
    });
    process.env['LANGFUSE_BASE_URL'] = 'https://us.example.com';
    expect(langfuseOptions.parse({ publicKey: 'pk' })).to.include({
      publicKey: 'pk',
      baseUrl: 'https://us.example.com',
    });
  });

  it('needs keys and nothing else; every option is described', () => {
    expect(langfuseOptions.parse({ publicKey: 'pk', secretKey: 'sk' })).to.deep.include({
      baseUrl: 'https://cloud.langfuse.com',
      compression: 'gzip',
      maxRequestBytes: 4_000_000,
      retryOnTimeout: false,
      scoresApi: 'auto',
      probe: true,
      headers: {},
    });
    for (const [name, option] of Object.entries(langfuseOptions.unwrap().shape))
      expect(option.description, name).to.be.a('string').and.not.equal('');
  });

  it('names every wrong option', () => {
    try {
      new LangfuseExporter({ baseUrl: 'ftp://x', secretKey: '', unknown: 1 } as never);
      expect.fail('it was made');
    } catch (error) {
      expect(isObsError(error)).to.equal(true);
      expect(error).to.have.property('code', 'OBS_PLUGIN_OPTIONS');
      for (const name of ['publicKey', 'secretKey', 'baseUrl', 'unknown'])
        expect((error as Error).message).to.include(name);
    }
  });

  const wrong: [string, Parameters<FaultServer['script']>[0]][] = [
    ['the keys are not accepted', status(401)],
    ['there is nothing at the address', status(404)],
    ['a web page answers', html()],
  ];
  for (const [what, answer] of wrong)
    it(`is degraded from the start when ${what}, and keeps what it is given`, async () => {
      server.otherwise = answer;
      const obs = await start();
      obs.startSpan({ name: 'a' }).end();
      const { state, signals } = obs.diagnostics().plugins['cloud']!;
      expect(state).to.equal('degraded');
      expect(signals.tracing).to.include({ queued: 1, delivered: 0 });
      expect(spansTaken(server.requests)).to.have.length(0);
    });

  it('starts all the same when Langfuse does not answer now, and asks nothing where told so', async () => {
    server.script(status(503));
    await start();
    expect(host?.obs.diagnostics().plugins['cloud']).to.include({ state: 'running' });
    await host?.obs.shutdown();
    server.requests.length = 0;
    await start({ probe: false });
    expect(server.requests).to.have.length(0);
  });

  it('is the same by hand', async () => {
    host = createTestHost();
    const exporter = new LangfuseExporter({ publicKey: 'pk', secretKey: 'sk', baseUrl: server.url });
    host.obs.registerExporter(exporter);
    host.obs.startSpan({ name: 'by hand' }).end();
    await host.obs.flush();
    expect(spansTaken(server.requests).map(({ name }) => name)).to.deep.equal(['by hand']);
    expect(host.obs.diagnostics().plugins['langfuse']?.signals.tracing).to.include({
      accepted: 1,
      delivered: 1,
    });
  });

  it('sends one event at a time without a host', async () => {
    const exporter = new LangfuseExporter({ publicKey: 'pk', secretKey: 'sk', baseUrl: server.url });
    await exporter.onTracingEvent({ type: 'span.started', exportedSpan: span() });
    expect(server.requests).to.have.length(0);
    await exporter.onTracingEvent({ type: 'span.ended', exportedSpan: span() });
    expect(spansTaken(server.requests)).to.have.length(1);
  });
});
