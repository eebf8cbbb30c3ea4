import { readFileSync } from 'node:fs';
import { messageOf } from '../../../core/index.ts';
import type { OtlpEncoding, OtlpSignal } from '../encoder.ts';

/** Environment variables. */
export type Env = Readonly<Record<string, string | undefined>>;

/** What the variables of OpenTelemetry say for one signal; absent: they say nothing. */
export interface SignalEnvironment {
  /** The whole URL of the signal. */
  url?: string;
  headers?: Record<string, string>;
  timeoutMs?: number;
  isZipped?: boolean;
  encoding?: OtlpEncoding;
  tls?: Tls;
}

/** Certificates in PEM, for connections to a server that the system does not know or that asks who is calling. */
export interface Tls {
  ca?: string;
  key?: string;
  cert?: string;
}

type Reader<V> = (text: string) => V | undefined;

/**
 * Reads the `OTEL_EXPORTER_OTLP_*` variables of one signal: its own first, then the general one. An empty variable counts
 * as absent. What cannot be understood is reported by the name of its variable, without its value, and says nothing.
 */
export function signalEnvironment(
  signal: OtlpSignal,
  env: Env,
  report: (problem: string) => void,
): SignalEnvironment {
  const read = <V>(setting: string, reader: Reader<V>): V | undefined => {
    for (const name of [`${signal.toUpperCase()}_${setting}`, setting]) {
      const variable = `OTEL_EXPORTER_OTLP_${name}`;
      const text = env[variable]?.trim();
      if (!text) continue;
      try {
        const value = reader(text);
        if (value !== undefined) return value;
        report(`${variable} is not understood and not used`);
      } catch (error) {
        report(`${variable}: ${messageOf(error)}`);
      }
    }
    return undefined;
  };
  const tls = defined({
    ca: read('CERTIFICATE', pem),
    key: read('CLIENT_KEY', pem),
    cert: read('CLIENT_CERTIFICATE', pem),
  });
  return defined({
    url: urlOf(signal, env, report),
    headers: read('HEADERS', headersOf),
    timeoutMs: read('TIMEOUT', milliseconds),
    isZipped: read('COMPRESSION', (text) => ({ gzip: true, none: false })[text]),
    encoding: read('PROTOCOL', (text) => PROTOCOLS[text]),
    tls: Object.keys(tls).length > 0 ? tls : undefined,
  });
}

/** How `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` wants sums; undefined when it says nothing. */
export function temporalityOf(env: Env): 'delta' | 'cumulative' | undefined {
  const text = env['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE']?.trim().toLowerCase() ?? '';
  // Low memory means delta for all instruments that we have.
  return ({ delta: 'delta', lowmemory: 'delta', cumulative: 'cumulative' } as const)[text];
}

const PROTOCOLS: Record<string, OtlpEncoding> = { 'http/protobuf': 'protobuf', 'http/json': 'json' };

/** The general address has a path for each signal; a signal's own address is used as it is. */
function urlOf(signal: OtlpSignal, env: Env, report: (problem: string) => void): string | undefined {
  for (const name of [`${signal.toUpperCase()}_ENDPOINT`, 'ENDPOINT']) {
    const variable = `OTEL_EXPORTER_OTLP_${name}`;
    const url = env[variable]?.trim();
    if (!url) continue;
    if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))
      return name === 'ENDPOINT' ? signalUrl(url, signal) : url;
    report(`${variable} is no http or https URL and not used`);
  }
  return undefined;
}

/** The URL of a signal below the address that all signals share. */
export function signalUrl(base: string, signal: OtlpSignal): string {
  const [address, query] = base.split(/(?=\?)/, 2) as [string, string?];
  return `${address.replace(/\/+$/, '')}/v1/${signal}${query ?? ''}`;
}

/** `key=value,key=value`, percent-encoded (W3C Baggage). */
function headersOf(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, at)).trim();
    return name === '' ? [] : [[name.toLowerCase(), decoded(pair.slice(at + 1).trim())]];
  });
  if (pairs.length === 0) throw new Error('key=value pairs were expected');
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a value with a bare % is meant as it stands
  }
}

function milliseconds(text: string): number | undefined {
  return /^\d+$/.test(text) && Number(text) > 0 ? Number(text) : undefined;
}

/** The content of a PEM file. */
export function pem(path: string): string {
  return readFileSync(path, 'utf8');
}

function defined<T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
