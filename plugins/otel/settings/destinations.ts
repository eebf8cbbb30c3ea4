import { messageOf, ObsError } from '../../../core/index.ts';
import type { OtlpEncoding, OtlpSignal } from '../encoder.ts';
import type { ResolvedOtelOptions } from '../options.ts';
import {
  type Env,
  pem,
  type SignalEnvironment,
  signalEnvironment,
  signalUrl,
  type Tls,
  temporalityOf,
} from './environment.ts';
import { PRESETS, type Preset } from './presets.ts';
import { fill, fillKnown, type Values } from './template.ts';

/** Where the requests of one signal go, and how. */
export interface Destination {
  signal: OtlpSignal;
  url: string;
  headers: Record<string, string>;
  encoding: OtlpEncoding;
  isZipped: boolean;
  timeoutMs: number;
  tls: Tls | undefined;
}

/** What the options, their preset and the variables come to. */
export interface Settings {
  /** The signals that are taken, each with its destination. */
  destinations: Readonly<Partial<Record<OtlpSignal, Destination>>>;
  attributes: 'gen_ai' | 'openinference';
  temporality: 'delta' | 'cumulative';
  redelivery: 'safe' | 'unsafe';
  /** Attributes of the resource that the destination asks for. */
  resource: Record<string, string>;
  /** What was not understood, without values; to be said once. */
  warnings: readonly string[];
}

/** An address by its signal, before options of the signal itself. */
type Addresses = Partial<Record<OtlpSignal, { url: string; headers: Record<string, string> }>>;

const SIGNALS: readonly OtlpSignal[] = ['traces', 'logs', 'metrics'];
const BOTH: readonly OtlpEncoding[] = ['protobuf', 'json'];
const DEFAULT_ENDPOINT = 'http://localhost:4318';
const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Options win over their preset, that over the variables, those over the defaults. Headers and certificates of variables
 * go to the address of variables only, so that no credential reaches another host.
 * @throws ObsError `OBS_PLUGIN_OPTIONS` for a certificate that cannot be read.
 */
export function settingsOf(options: ResolvedOtelOptions, env: Env): Settings {
  const preset: Preset | undefined = options.preset && PRESETS[options.preset];
  const warnings = new Set<string>();
  const given = preset && presetAddresses(preset, options).addresses;
  const destinations: Settings['destinations'] = Object.fromEntries(
    SIGNALS.flatMap((signal) => {
      const variables = signalEnvironment(signal, env, (problem) => warnings.add(problem));
      const destination = destinationOf(signal, options, preset, given, variables);
      return destination ? [[signal, destination]] : [];
    }),
  );
  return {
    destinations,
    attributes: options.attributes ?? preset?.attributes ?? 'gen_ai',
    temporality: options.temporality ?? temporalityOf(env) ?? 'delta',
    redelivery: options.redelivery ?? preset?.redelivery ?? 'safe',
    resource: fillKnown(preset?.resource ?? {}, options.params),
    warnings: [...warnings],
  };
}

/** What a preset misses or cannot take, each with the option that it is about. */
export function presetProblems(options: ResolvedOtelOptions): { path: string[]; message: string }[] {
  const { preset: name, encoding } = options;
  if (name === undefined) return [];
  const { missing } = presetAddresses(PRESETS[name], options);
  const problems = [...missing].map((value) => ({
    path: value === 'apiKey' ? ['apiKey'] : ['params', value],
    message: `preset "${name}" needs it`,
  }));
  const { encodings = BOTH }: Preset = PRESETS[name];
  const isTaken = (asked: OtlpEncoding | undefined) => !asked || encodings.includes(asked);
  const message = `preset "${name}" takes ${encodings.join(' or ')} only`;
  if (!isTaken(encoding)) problems.push({ path: ['encoding'], message });
  for (const signal of SIGNALS)
    if (!isTaken(options[signal]?.encoding)) problems.push({ path: [signal, 'encoding'], message });
  return problems;
}

function presetAddresses(
  preset: Preset,
  { params, apiKey }: ResolvedOtelOptions,
): { addresses: Addresses; missing: ReadonlySet<string> } {
  const values: Values = { ...params, apiKey };
  const missing = new Set<string>();
  const headers = Object.fromEntries(
    Object.entries(preset.headers).map(([name, value]) => [name, fill(value, values, missing)]),
  );
  Object.assign(headers, fillKnown(preset.optionalHeaders ?? {}, values));
  const urls = Object.entries(preset.urls).map(
    ([signal, url]) => [signal, { url: fill(url, values, missing), headers }] as const,
  );
  return { addresses: Object.fromEntries(urls), missing };
}

function destinationOf(
  signal: OtlpSignal,
  options: ResolvedOtelOptions,
  preset: Preset | undefined,
  given: Addresses | undefined,
  variables: SignalEnvironment,
): Destination | undefined {
  const own = options[signal];
  const isTaken = !preset || preset.urls[signal] !== undefined;
  const shared = options.endpoint && isTaken ? signalUrl(options.endpoint, signal) : undefined;
  const url = own?.endpoint ?? shared ?? given?.[signal]?.url;
  // A preset that does not take a signal is not given it at the address of somebody else.
  if (url === undefined && given) return undefined;
  const isOfVariables = url === undefined;
  const encoding = own?.encoding ?? options.encoding ?? (preset ? undefined : variables.encoding);
  return {
    signal,
    url: url ?? variables.url ?? signalUrl(DEFAULT_ENDPOINT, signal),
    headers: lowerCase({
      ...(isOfVariables ? variables.headers : given?.[signal]?.headers),
      ...options.headers,
      ...own?.headers,
    }),
    encoding: encoding ?? preset?.encodings?.[0] ?? 'protobuf',
    isZipped: zipped(own?.compression ?? options.compression) ?? variables.isZipped ?? true,
    timeoutMs: options.timeoutMs ?? variables.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    tls: tlsOf(options) ?? (isOfVariables ? variables.tls : undefined),
  };
}

function zipped(compression: 'gzip' | 'none' | undefined): boolean | undefined {
  return compression && compression === 'gzip';
}

function tlsOf({ certificate, clientKey, clientCertificate }: ResolvedOtelOptions): Tls | undefined {
  if (!certificate && !clientKey && !clientCertificate) return undefined;
  try {
    return {
      ...(certificate && { ca: pem(certificate) }),
      ...(clientKey && { key: pem(clientKey) }),
      ...(clientCertificate && { cert: pem(clientCertificate) }),
    };
  } catch (cause) {
    const what = `otel: a certificate cannot be read: ${messageOf(cause)}`;
    throw new ObsError('OBS_PLUGIN_OPTIONS', what, { cause });
  }
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
