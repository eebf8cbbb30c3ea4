import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  OtelExporter,
  type OtelOptions,
  PRESETS,
  type Preset,
  type PresetName,
} from '../../../plugins/otel/index.ts';
import { otelOptions } from '../../../plugins/otel/options.ts';
import { settingsOf } from '../../../plugins/otel/settings/destinations.ts';

const settings = (options: OtelOptions = {}, env: Record<string, string> = {}) =>
  settingsOf(otelOptions.parse(options), env);
const E = 'OTEL_EXPORTER_OTLP_';

describe('where OTLP goes', () => {
  it('is a local collector, in zipped protobuf, when nothing is said', () => {
    const { destinations, ...rest } = settings();
    expect(destinations.traces).to.deep.equal({
      signal: 'traces',
      url: 'http://localhost:4318/v1/traces',
      headers: {},
      encoding: 'protobuf',
      isZipped: true,
      timeoutMs: 10_000,
      tls: undefined,
    });
    expect(destinations.logs!.url).to.equal('http://localhost:4318/v1/logs');
    expect(destinations.metrics!.url).to.equal('http://localhost:4318/v1/metrics');
    expect(rest).to.deep.equal({
      attributes: 'gen_ai',
      temporality: 'delta',
      redelivery: 'safe',
      resource: {},
      warnings: [],
    });
  });

  it('is what the options say, the signal’s own first', () => {
    const { destinations } = settings({
      endpoint: 'https://otlp.test/base/?k=1',
      headers: { 'X-Key': 'all', team: 'a' },
      compression: 'none',
      timeoutMs: 5,
      logs: {
        endpoint: 'https://logs.test/in',
        headers: { 'x-key': 'logs' },
        encoding: 'json',
        compression: 'gzip',
      },
    });
    expect(destinations.traces).to.deep.include({
      url: 'https://otlp.test/base/v1/traces?k=1',
      headers: { 'x-key': 'all', team: 'a' },
      isZipped: false,
      timeoutMs: 5,
    });
    expect(destinations.logs).to.deep.include({
      url: 'https://logs.test/in',
      headers: { 'x-key': 'logs', team: 'a' },
      isZipped: true,
      encoding: 'json',
    });
  });
});

describe('the variables of OpenTelemetry', () => {
  const TABLE: [env: Record<string, string>, traces: object, logs: object][] = [
    [
      { [`${E}ENDPOINT`]: 'http://all:1/base/' },
      { url: 'http://all:1/base/v1/traces' },
      { url: 'http://all:1/base/v1/logs' },
    ],
    [
      { [`${E}ENDPOINT`]: 'http://all:1', [`${E}TRACES_ENDPOINT`]: 'http://own:2/as/it/is' },
      { url: 'http://own:2/as/it/is' },
      { url: 'http://all:1/v1/logs' },
    ],
    [
      { [`${E}HEADERS`]: 'Api-Key=a%20b, team = x=y ,,', [`${E}LOGS_HEADERS`]: 'only=logs' },
      { headers: { 'api-key': 'a b', team: 'x=y' } },
      { headers: { only: 'logs' } },
    ],
    [{ [`${E}HEADERS`]: 'k=50%' }, { headers: { k: '50%' } }, { headers: { k: '50%' } }],
    [{ [`${E}TIMEOUT`]: '250', [`${E}TRACES_TIMEOUT`]: '9' }, { timeoutMs: 9 }, { timeoutMs: 250 }],
    [
      { [`${E}COMPRESSION`]: 'none', [`${E}LOGS_COMPRESSION`]: 'gzip' },
      { isZipped: false },
      { isZipped: true },
    ],
    [
      { [`${E}PROTOCOL`]: 'http/json', [`${E}LOGS_PROTOCOL`]: 'http/protobuf' },
      { encoding: 'json' },
      { encoding: 'protobuf' },
    ],
    [
      { [`${E}ENDPOINT`]: '  ', [`${E}TIMEOUT`]: '' },
      { timeoutMs: 10_000 },
      { url: 'http://localhost:4318/v1/logs' },
    ],
  ];
  for (const [env, traces, logs] of TABLE) {
    it(`${JSON.stringify(env)} are followed`, () => {
      const { destinations, warnings } = settings({}, env);
      expect(destinations.traces).to.deep.include(traces);
      expect(destinations.logs).to.deep.include(logs);
      expect(warnings).to.deep.equal([]);
    });
  }

  it('say how sums are counted', () => {
    const preference = (value: string) =>
      settings({}, { [`${E}METRICS_TEMPORALITY_PREFERENCE`]: value }).temporality;
    expect(['delta', 'LowMemory', 'cumulative', 'odd'].map(preference)).to.deep.equal([
      'delta',
      'delta',
      'cumulative',
      'delta',
    ]);
  });

  it('that are not understood are named, without their values, and not followed', () => {
    const { destinations, warnings } = settings(
      {},
      {
        [`${E}PROTOCOL`]: 'grpc',
        [`${E}TIMEOUT`]: 'secret-5',
        [`${E}ENDPOINT`]: 'localhost:4318',
        [`${E}HEADERS`]: 'secret-6',
        [`${E}COMPRESSION`]: 'zstd',
        [`${E}CERTIFICATE`]: '/nowhere/ca.pem',
      },
    );
    expect(destinations.traces).to.deep.include({ encoding: 'protobuf', timeoutMs: 10_000, headers: {} });
    expect(warnings.join('\n')).to.not.include('secret');
    expect(warnings).to.have.lengthOf(6);
    for (const name of ['PROTOCOL', 'TIMEOUT', 'ENDPOINT', 'HEADERS', 'COMPRESSION', 'CERTIFICATE'])
      expect(
        warnings.some((line) => line.startsWith(`${E}${name}`)),
        name,
      ).to.equal(true);
  });

  it('give way to options', () => {
    const env = {
      [`${E}ENDPOINT`]: 'http://all:1',
      [`${E}TIMEOUT`]: '250',
      [`${E}PROTOCOL`]: 'http/json',
      [`${E}COMPRESSION`]: 'none',
      [`${E}METRICS_TEMPORALITY_PREFERENCE`]: 'cumulative',
    };
    const options: OtelOptions = {
      endpoint: 'http://mine:2',
      timeoutMs: 1,
      encoding: 'protobuf',
      compression: 'gzip',
      temporality: 'delta',
    };
    const { destinations, temporality } = settings(options, env);
    expect(temporality).to.equal('delta');
    expect(destinations.traces).to.deep.include({
      url: 'http://mine:2/v1/traces',
      timeoutMs: 1,
      encoding: 'protobuf',
      isZipped: true,
    });
  });

  it('lend their credentials to no address but their own', () => {
    const env = { [`${E}ENDPOINT`]: 'http://all:1', [`${E}HEADERS`]: 'api-key=secret' };
    expect(settings({ endpoint: 'http://mine:2' }, env).destinations.traces!.headers).to.deep.equal({});
    expect(settings({ preset: 'jaeger' }, env).destinations.traces).to.deep.include({
      url: 'http://localhost:4318/v1/traces',
      headers: {},
    });
    const own = settings({ logs: { endpoint: 'http://mine:2' } }, env).destinations;
    expect(own.logs!.headers).to.deep.equal({});
    expect(own.traces!.headers).to.deep.equal({ 'api-key': 'secret' });
  });

  it('name files with certificates', () => {
    const dir = mkdtempSync(join(tmpdir(), 'otel-'));
    const file = (name: string) => {
      writeFileSync(join(dir, name), name);
      return join(dir, name);
    };
    const env = {
      [`${E}CERTIFICATE`]: file('ca'),
      [`${E}CLIENT_KEY`]: file('key'),
      [`${E}CLIENT_CERTIFICATE`]: file('cert'),
      [`${E}LOGS_CERTIFICATE`]: file('logs'),
    };
    const { destinations } = settings({}, env);
    expect(destinations.traces!.tls).to.deep.equal({ ca: 'ca', key: 'key', cert: 'cert' });
    expect(destinations.logs!.tls).to.deep.equal({ ca: 'logs', key: 'key', cert: 'cert' });
    const options = settings({ certificate: file('own'), endpoint: 'https://mine' }, env);
    expect(options.destinations.traces!.tls).to.deep.equal({ ca: 'own' });
    rmSync(dir, { recursive: true });
  });
});

/** Everything that a preset can ask for. */
const PARAMS = {
  publicKey: 'pk',
  parent: 'project_name:p',
  spaceId: 'sp',
  host: 'h.test',
  project: 'pr',
  zone: 'prod-eu-west-0',
  instanceId: '42',
  dataset: 'ds',
};
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('presets', () => {
  const TABLE: Record<PresetName, [urls: string[], headers: object, params?: Record<string, string>]> = {
    dash0: [
      ['traces', 'logs', 'metrics'].map((s) => `https://ingress.eu-west-1.aws.dash0.com/v1/${s}`),
      { authorization: 'Bearer key', 'dash0-dataset': 'ds' },
    ],
    signoz: [
      ['traces', 'logs', 'metrics'].map((s) => `https://ingest.eu.signoz.cloud:443/v1/${s}`),
      { 'signoz-ingestion-key': 'key' },
      { region: 'eu' },
    ],
    newrelic: [['traces', 'logs', 'metrics'].map((s) => `https://h.test:443/v1/${s}`), { 'api-key': 'key' }],
    traceloop: [
      ['https://api.traceloop.com/v1/traces', 'https://api.traceloop.com/v1/metrics'],
      { authorization: 'Bearer key' },
    ],
    laminar: [['https://api.lmnr.ai/v1/traces'], { authorization: 'Bearer key' }],
    langfuse: [
      ['https://cloud.langfuse.com/api/public/otel/v1/traces'],
      { authorization: basic('pk:key'), 'x-langfuse-ingestion-version': '4' },
    ],
    braintrust: [
      ['https://api.braintrust.dev/otel/v1/traces'],
      { authorization: 'Bearer key', 'x-bt-parent': 'project_name:p' },
    ],
    arize: [['https://otlp.arize.com/v1/traces'], { 'arize-space-id': 'sp', 'arize-api-key': 'key' }],
    phoenix: [['http://localhost:6006/v1/traces'], { authorization: 'Bearer key' }],
    datadog: [
      ['https://otlp.datadoghq.eu/v1/traces'],
      { 'dd-api-key': 'key', 'dd-otlp-source': 'llmobs' },
      { site: 'datadoghq.eu' },
    ],
    langsmith: [
      ['https://api.smith.langchain.com/otel/v1/traces'],
      { 'x-api-key': 'key', 'langsmith-project': 'pr' },
    ],
    posthog: [['https://us.i.posthog.com/i/v0/ai/otel'], { authorization: 'Bearer key' }],
    sentry: [
      ['traces', 'logs'].map((s) => `https://h.test/api/pr/integration/otlp/v1/${s}`),
      { 'x-sentry-auth': 'sentry sentry_key=key' },
    ],
    'grafana-cloud': [
      ['traces', 'logs', 'metrics'].map(
        (s) => `https://otlp-gateway-prod-eu-west-0.grafana.net/otlp/v1/${s}`,
      ),
      { authorization: basic('42:key') },
    ],
    honeycomb: [
      ['traces', 'logs', 'metrics'].map((s) => `https://h.test/v1/${s}`),
      { 'x-honeycomb-team': 'key', 'x-honeycomb-dataset': 'ds' },
    ],
    jaeger: [['http://localhost:4318/v1/traces'], {}],
  };
  for (const preset of Object.keys(PRESETS) as PresetName[]) {
    it(`${preset}: address, headers and signals`, () => {
      const [urls, headers, params] = TABLE[preset];
      const { destinations } = settings({ preset, apiKey: 'key', params: { ...PARAMS, ...params } });
      expect(Object.values(destinations).map(({ url }) => url)).to.deep.equal(urls);
      for (const destination of Object.values(destinations))
        expect(destination.headers).to.deep.equal(headers);
      const { source }: Preset = PRESETS[preset];
      expect(source).to.not.equal('');
    });
  }

  it('leave optional headers and attributes out where their options are missing', () => {
    expect(settings({ preset: 'phoenix' }).destinations.traces!.headers).to.deep.equal({});
    expect(settings({ preset: 'phoenix' }).resource).to.deep.equal({});
    expect(settings({ preset: 'phoenix', params: { project: 'p' } }).resource).to.deep.equal({
      'openinference.project.name': 'p',
    });
  });

  it('bring the names, the encoding and the caution that their service needs', () => {
    expect(settings({ preset: 'phoenix' }).attributes).to.equal('openinference');
    expect(settings({ preset: 'phoenix', attributes: 'gen_ai' }).attributes).to.equal('gen_ai');
    expect(settings({ preset: 'traceloop', apiKey: 'key' }).destinations.traces!.encoding).to.equal('json');
    const langfuse = { preset: 'langfuse', apiKey: 'key', params: PARAMS } as const;
    expect(new OtelExporter(langfuse, {}).redelivery).to.equal('unsafe');
    expect(new OtelExporter({ ...langfuse, redelivery: 'safe' }, {}).redelivery).to.equal('safe');
  });

  it('can be had at another address, with further headers', () => {
    const { destinations } = settings({
      preset: 'langsmith',
      apiKey: 'key',
      endpoint: 'https://self.test/otel',
      headers: { 'X-Api-Key': 'other', extra: '1' },
    });
    expect(destinations).to.have.all.keys('traces');
    expect(destinations.traces).to.deep.include({
      url: 'https://self.test/otel/v1/traces',
      headers: { 'x-api-key': 'other', extra: '1' },
    });
  });
});
