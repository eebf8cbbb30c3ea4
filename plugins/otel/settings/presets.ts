import type { OtlpEncoding, OtlpSignal } from '../encoder.ts';

/**
 * How one service takes OTLP over HTTP. In URLs and headers `{apiKey}` and `{name}` stand for the options `apiKey` and
 * `params.name`, `{name=value}` has a default, `{basic:a:b}` is the Basic credentials of two of them. A header whose
 * options are missing is left out where the preset lists it as optional.
 */
export interface Preset {
  /** The whole URL for each signal that the service takes. */
  urls: Readonly<Partial<Record<OtlpSignal, string>>>;
  headers: Readonly<Record<string, string>>;
  /** Headers that are sent only when their options are given. */
  optionalHeaders?: Readonly<Record<string, string>>;
  /** Attributes of the resource that the service wants; left out where their options are missing. */
  resource?: Readonly<Record<string, string>>;
  /** The encodings it takes, the default first. Default: protobuf and JSON. */
  encodings?: readonly OtlpEncoding[];
  /** Whose attribute names it reads. Default: OpenTelemetry's. */
  attributes?: 'gen_ai' | 'openinference';
  /** `unsafe`: it counts a span twice that arrives twice. Default `safe`. */
  redelivery?: 'unsafe';
  /** Where the form is from. Nothing here was tried against the live service. */
  source: string;
  /** What is not certain. */
  unsure?: string;
}

/** The URLs of a service that has the usual paths under one address. */
function under(base: string, ...signals: OtlpSignal[]): Preset['urls'] {
  return Object.fromEntries(signals.map((signal) => [signal, `${base}/v1/${signal}`]));
}

const ALL = ['traces', 'logs', 'metrics'] as const;
const BEARER = { authorization: 'Bearer {apiKey}' };

/** Services by name. */
export const PRESETS = {
  dash0: {
    urls: under('https://ingress.{region=eu-west-1.aws}.dash0.com', ...ALL),
    headers: BEARER,
    optionalHeaders: { 'dash0-dataset': '{dataset}' },
    source: 'integration pages of Dash0 and of Fluent Bit',
  },
  signoz: {
    urls: under('https://ingest.{region=us}.signoz.cloud:443', ...ALL),
    headers: { 'signoz-ingestion-key': '{apiKey}' },
    source: '@mastra/otel-exporter 1.4.0, for traces',
    unsure: 'logs and metrics at the same address',
  },
  newrelic: {
    urls: under('https://{host=otlp.nr-data.net}:443', ...ALL),
    headers: { 'api-key': '{apiKey}' },
    source: '@mastra/otel-exporter 1.4.0, for traces',
    unsure: 'host otlp.eu01.nr-data.net for the EU',
  },
  traceloop: {
    urls: under('https://api.traceloop.com', 'traces', 'metrics'),
    headers: BEARER,
    encodings: ['json', 'protobuf'],
    source: '@mastra/otel-exporter 1.4.0, for traces in JSON',
    unsure: 'protobuf; metrics',
  },
  laminar: {
    urls: under('https://api.lmnr.ai', 'traces'),
    headers: BEARER,
    source: '@mastra/otel-exporter 1.4.0',
  },
  langfuse: {
    urls: under('{baseUrl=https://cloud.langfuse.com}/api/public/otel', 'traces'),
    headers: { authorization: 'Basic {basic:publicKey:apiKey}', 'x-langfuse-ingestion-version': '4' },
    redelivery: 'unsafe',
    source: 'source of the Langfuse server 4.16; obs-kit/langfuse says more and sends scores',
  },
  braintrust: {
    urls: under('{baseUrl=https://api.braintrust.dev}/otel', 'traces'),
    headers: { ...BEARER, 'x-bt-parent': '{parent}' },
    source: 'documentation of Braintrust; obs-kit/braintrust says more and sends scores',
    unsure: 'logs: its pages disagree',
  },
  arize: {
    urls: under('https://otlp.arize.com', 'traces'),
    headers: { 'arize-space-id': '{spaceId}', 'arize-api-key': '{apiKey}' },
    resource: { 'openinference.project.name': '{project}' },
    attributes: 'openinference',
    source: 'documentation of Arize AX',
  },
  phoenix: {
    urls: under('{baseUrl=http://localhost:6006}', 'traces'),
    headers: {},
    optionalHeaders: BEARER,
    resource: { 'openinference.project.name': '{project}' },
    encodings: ['protobuf'],
    attributes: 'openinference',
    source: 'documentation of @mastra/arize',
  },
  datadog: {
    urls: under('https://otlp.{site=datadoghq.com}', 'traces'),
    headers: { 'dd-api-key': '{apiKey}', 'dd-otlp-source': 'llmobs' },
    encodings: ['protobuf'],
    source: 'documentation of Datadog LLM Observability',
    unsure: 'host names of sites other than datadoghq.com',
  },
  langsmith: {
    urls: under('{baseUrl=https://api.smith.langchain.com}/otel', 'traces'),
    headers: { 'x-api-key': '{apiKey}' },
    optionalHeaders: { 'langsmith-project': '{project}' },
    source: 'documentation of LangSmith',
  },
  posthog: {
    urls: { traces: '{baseUrl=https://us.i.posthog.com}/i/v0/ai/otel' },
    headers: BEARER,
    source: 'source of @posthog/ai',
    unsure: 'JSON',
  },
  sentry: {
    urls: under('https://{host}/api/{project}/integration/otlp', 'traces', 'logs'),
    headers: { 'x-sentry-auth': 'sentry sentry_key={apiKey}' },
    source: 'documentation of Sentry, where it is in beta and metrics are excluded',
  },
  'grafana-cloud': {
    urls: under('https://otlp-gateway-{zone}.grafana.net/otlp', ...ALL),
    headers: { authorization: 'Basic {basic:instanceId:apiKey}' },
    source: 'general knowledge',
    unsure: 'all of it: copy the address from the stack’s own OpenTelemetry page',
  },
  honeycomb: {
    urls: under('https://{host=api.honeycomb.io}', ...ALL),
    headers: { 'x-honeycomb-team': '{apiKey}' },
    optionalHeaders: { 'x-honeycomb-dataset': '{dataset}' },
    source: 'general knowledge',
    unsure: 'host api.eu1.honeycomb.io for the EU',
  },
  jaeger: {
    urls: under('{baseUrl=http://localhost:4318}', 'traces'),
    headers: {},
    source: 'default port of OTLP over HTTP',
  },
} as const satisfies Record<string, Preset>;

/** The name of a preset. */
export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];
