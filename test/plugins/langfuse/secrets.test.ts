import { inspect } from 'node:util';
import { expect } from 'chai';
import { describePlugins, type Plugin, resolveConfig, type SendContext } from '../../../core/index.ts';
import { LangfuseExporter, langfuse } from '../../../plugins/langfuse/index.ts';
import { langfuseOptions } from '../../../plugins/langfuse/options.ts';
import { type Answer, type FaultServer, startFaultServer } from '../../kit/fault-server.ts';
import { createTestHost } from '../../kit/host.ts';
import { feedbackOf, scoreOf, span } from './spans.ts';

const PUBLIC = 'pk-lf-canary+public/key=1';
const SECRET = 'sk-lf-canary+secret/key=1';
const PROXY = 'canary+proxy/token=1';

const base64 = (text: string) => Buffer.from(text).toString('base64').replace(/=+$/, '');
/** Plain, base64 and URL-encoded, and the pair as the header has it. */
const FORMS = [PUBLIC, SECRET, PROXY].flatMap((key) => [key, base64(key), encodeURIComponent(key)]);
FORMS.push(base64(`${PUBLIC}:${SECRET}`));

function expectNoSecret(output: unknown, what: string): void {
  const texts = [typeof output === 'string' ? output : JSON.stringify(output), inspect(output, { depth: 9 })];
  for (const text of texts) for (const form of FORMS) expect(text, what).not.to.include(form);
}

/** Repeats whatever it was sent, as a debugging proxy does. */
function echo(code: number): Answer {
  return ({ headers }, response) => {
    const all = [...Object.values(headers), ...FORMS].join(' ');
    response.writeHead(code, { 'content-type': 'text/plain', location: `https://elsewhere.example/?${all}` });
    response.end(all);
  };
}

describe('the keys of langfuse', () => {
  let server: FaultServer;
  beforeEach(async () => {
    server = await startFaultServer();
  });
  afterEach(() => server.close());

  const options = (baseUrl: string) => ({
    publicKey: PUBLIC,
    secretKey: SECRET,
    baseUrl,
    headers: { 'x-proxy-token': PROXY },
  });

  it('are in no error, whatever the server repeats', async () => {
    const context: SendContext = { batchId: 'b', attempt: 1, abortSignal: new AbortController().signal };
    for (const code of [302, 400, 401, 403, 404, 413, 418, 429, 500, 503]) {
      server.otherwise = echo(code);
      const exporter = new LangfuseExporter(options(server.url));
      const sends: (() => Promise<unknown>)[] = [
        () => exporter.send('tracing', [{ type: 'span.ended', exportedSpan: span() }], context),
        () => exporter.send('scores', [scoreOf({ score: 1 })], context),
        () => exporter.send('feedback', [feedbackOf({ feedbackType: 'thumbs', value: 1 })], context),
      ];
      for (const send of sends) {
        const outcome = await send().catch((error: unknown) => error);
        expect(outcome, `${code}`).to.satisfy((one: unknown) => one instanceof Error || one !== undefined);
        expectNoSecret(outcome, `${code}`);
        if (outcome instanceof Error) expectNoSecret(`${outcome.message} ${outcome.stack}`, `${code}`);
      }
    }
  });

  it('are in no reason why a score was refused, whatever the server says of it', async () => {
    const context: SendContext = { batchId: 'b', attempt: 1, abortSignal: new AbortController().signal };
    const said = FORMS.join(' ');
    const answers = {
      array: { accepted: 0, rejected: 1, errors: [{ message: said }] },
      ingestion: { successes: [], errors: [{ id: 'unknown', status: 400, message: said, error: said }] },
    };
    for (const scoresApi of ['array', 'ingestion'] as const) {
      server.otherwise = (request, response) => {
        const [sent] = JSON.parse(request.body.toString()).batch ?? [];
        const errors = answers[scoresApi].errors.map((error) => ({ ...error, ...(sent && { id: sent.id }) }));
        response.writeHead(207, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ ...answers[scoresApi], errors }));
      };
      const exporter = new LangfuseExporter({ ...options(server.url), scoresApi });
      const outcome = await exporter.send('scores', [scoreOf({ score: 1 })], context);
      expect(outcome?.rejected, scoresApi).to.have.length(1);
      expect(outcome?.rejected[0]?.reason, scoresApi).to.include('[secret]');
      expectNoSecret(outcome, scoresApi);
    }
  });

  it('are in no error when nobody answers', async () => {
    await server.close();
    const exporter = new LangfuseExporter(options(server.url));
    const failure = await exporter
      .onTracingEvent({ type: 'span.ended', exportedSpan: span() })
      .catch((error: unknown) => error);
    expect(failure).to.have.property('name', 'RetryableError');
    expectNoSecret(failure, 'refused');
  });

  it('are in no warning and no diagnostics, and go to the destination alone', async () => {
    for (const code of [400, 401, 503]) {
      server.otherwise = echo(code);
      const entry = {
        plugin: langfuse as unknown as Plugin,
        options: langfuseOptions.parse(options(server.url)),
      };
      const host = createTestHost({ plugins: { cloud: entry } });
      await host.start();
      host.obs.startSpan({ name: 'a' }).end();
      host.obs.addScore({ scorerId: 'x', score: 1, traceId: 'a'.repeat(32) });
      await host.obs.flush({ deadlineMs: 300 });
      await host.obs.shutdown({ deadlineMs: 10 });
      expect(host.warnings, `${code}`).not.to.be.empty;
      expectNoSecret(host.warnings, `${code}`);
      expectNoSecret(host.obs.diagnostics(), `${code}`);
    }
    expect(server.requests[0]?.headers.authorization).to.include(
      Buffer.from(`${PUBLIC}:${SECRET}`).toString('base64'),
    );
  });

  it('are in no explanation and no listing of the config, written or from variables', async () => {
    const written = { cloud: langfuse(options(server.url)) };
    const before = { ...process.env };
    Object.assign(process.env, { LANGFUSE_PUBLIC_KEY: PUBLIC, LANGFUSE_SECRET_KEY: SECRET });
    try {
      for (const plugins of [written, { cloud: langfuse() }]) {
        const resolved = await resolveConfig({ config: { plugins } as never, env: {} });
        expect(resolved.problems).to.deep.equal([]);
        expectNoSecret([...resolved.origins], 'explain');
        expectNoSecret(await describePlugins(resolved), 'plugins');
      }
    } finally {
      for (const name of ['LANGFUSE_PUBLIC_KEY', 'LANGFUSE_SECRET_KEY'])
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
    }
  });

  it('are in no complaint about the options', async () => {
    const wrong = { cloud: langfuse({ ...options(server.url), headers: { 'x-proxy-token': 7 } } as never) };
    const { problems } = await resolveConfig({ config: { plugins: wrong } as never, env: {} });
    expect(problems).to.have.length(1);
    expectNoSecret(problems, 'problems');
  });
});
