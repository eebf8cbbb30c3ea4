import { expect } from 'chai';
import { Secrets } from '../../../core/config/secrets.ts';
import { OtelExporter, type OtelOptions } from '../../../plugins/otel/index.ts';
import { otelOptions } from '../../../plugins/otel/options.ts';
import {
  type Answer,
  type FaultServer,
  html,
  redirect,
  reset,
  startFaultServer,
  status,
} from '../../kit/fault-server.ts';
import { createTestHost } from '../../kit/host.ts';

const CANARY = 'canary/7+secret=é';
const FORMS = [CANARY, encodeURIComponent(CANARY), Buffer.from(CANARY).toString('base64')].flatMap((form) => [
  form,
  form.replace(/=+$/, ''),
]);

/** A destination that repeats what it was sent, as some do in their errors. */
function echo(code: number): Answer {
  return (request, response) => {
    const body = JSON.stringify({ headers: request.headers, path: request.path });
    status(code, { body })(request, response);
  };
}

function partial(rejected: number): Answer {
  return (request, response) => {
    const errorMessage = `got ${JSON.stringify(request.headers)} at ${request.path}`;
    const body = JSON.stringify({ partialSuccess: { rejectedSpans: rejected, errorMessage } });
    status(200, { body })(request, response);
  };
}

describe('the secrets of an OTLP destination', () => {
  let server: FaultServer;
  beforeEach(async () => {
    server = await startFaultServer();
  });
  afterEach(() => server.close());

  const ascii = CANARY.replace('é', 'e');
  const WAYS: Record<string, (url: string) => OtelOptions> = {
    'an API key': (endpoint) => ({ preset: 'signoz', apiKey: ascii, endpoint }),
    'Basic credentials': (endpoint) => ({
      preset: 'grafana-cloud',
      apiKey: CANARY,
      params: { instanceId: '4', zone: 'z' },
      endpoint,
    }),
    'a header': (endpoint) => ({ endpoint, headers: { 'x-anything': ascii } }),
    'the address': (url) => ({
      endpoint: url.replace('//', `//user:${encodeURIComponent(CANARY)}@`),
    }),
    'the query': (url) => ({ traces: { endpoint: `${url}/in?key=${encodeURIComponent(CANARY)}` } }),
  };
  const FAULTS: Record<string, Answer> = {
    '401': echo(401),
    '400': echo(400),
    '413': echo(413),
    '503': echo(503),
    'a web page': html(),
    'a redirect': redirect(`http://other.test/?to=${encodeURIComponent(CANARY)}`),
    'a reset': reset(),
    'a partial success': partial(1),
    'a warning': partial(0),
  };
  for (const [way, optionsOf] of Object.entries(WAYS)) {
    it(`in ${way} are in no error, warning or count, whatever the destination does`, async () => {
      for (const [fault, answer] of Object.entries(FAULTS)) {
        server.otherwise = answer;
        const said: string[] = [];
        const exporter = new OtelExporter({ ...optionsOf(server.url), probe: true }, {});
        const { obs, warnings } = createTestHost();
        obs.registerExporter(exporter);
        obs.trace('work', () => {});
        await obs.flush({ deadlineMs: 50 });
        said.push(...warnings, JSON.stringify(obs.diagnostics()));
        await obs.shutdown({ deadlineMs: 0 }).catch((error) => said.push(String(error?.stack)));
        const span = { type: 'span.ended', exportedSpan: { ...SPAN } } as never;
        for (const call of [() => exporter.onTracingEvent!(span), () => exporter.init()])
          await call().catch((error: Error) =>
            said.push(error.message, String(error.stack), String(error.cause)),
          );
        expect(said.join('\n').length, fault).to.be.above(100);
        for (const form of [...FORMS, ...FORMS.map((text) => text.replace('é', 'e')), ascii])
          expect(said.join('\n'), `${fault}, as ${form}`).to.not.include(form);
      }
      expect(server.requests).to.not.be.empty;
    });
  }

  it('are known to the config as secrets', () => {
    const secrets = new Secrets({});
    secrets.rememberSchema('otel', otelOptions);
    for (const option of ['apiKey', 'headers', 'traces.headers'])
      expect(secrets.isSecret(['plugins', 'otel', 'options', ...option.split('.')]), option).to.equal(true);
  });
});

const SPAN = {
  id: 'b7ad6b7169203331',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  name: 'work',
  type: 'generic',
  isRootSpan: true,
  isEvent: false,
  seq: 1,
  status: 'ok',
  startTime: new Date(0),
  startUnixMicro: 1e15,
  endUnixMicro: 1e15,
};
