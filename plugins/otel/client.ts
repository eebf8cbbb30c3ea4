import {
  createMask,
  type HttpAnswer,
  isTooLarge,
  type PartialResult,
  PermanentError,
  sendHttp,
} from '../../core/index.ts';
import {
  type Encoded,
  loadEncoder,
  type OtlpEncoder,
  type OtlpLog,
  type OtlpMetric,
  type OtlpOrigin,
  type OtlpSpan,
} from './encoder.ts';
import type { Destination } from './settings/destinations.ts';
import { shorten } from './shorten.ts';
import { tlsFetch } from './tls-fetch.ts';

/** What a client is made of, beside its destination. */
export interface ClientParts {
  fetch: typeof globalThis.fetch;
  origin: OtlpOrigin;
  maxRequestBytes: number;
  userAgent: string;
  secrets: readonly string[];
  /** Told what a destination says of a request that it took. */
  onWarning: (message: string) => void;
}

/** The records of a request, by what they are. */
export type OtlpRecords =
  | { signal: 'traces'; records: readonly OtlpSpan[] }
  | { signal: 'logs'; records: readonly OtlpLog[] }
  | { signal: 'metrics'; records: readonly OtlpMetric[]; rejected: readonly Rejection[] };

type Rejection = PartialResult['rejected'][number];

/** What is sent in place of a record that a destination finds too large. */
const SHORTENED_BYTES = 128_000;
/** Room that the texts of a record leave for the rest of its request. */
const OVERHEAD_BYTES = 2_048;

/** Sends the requests of one signal to its destination. */
export class OtlpClient {
  readonly #destination: Destination;
  readonly #parts: ClientParts;
  readonly #fetch: typeof globalThis.fetch;
  readonly #close: () => void;
  /** Hides secrets in what a destination says. */
  readonly #mask: (text: string) => string;
  /** The address without what may be secret in it. */
  readonly #target: string;
  #encoder: Promise<OtlpEncoder> | undefined;

  constructor(destination: Destination, parts: ClientParts) {
    this.#destination = destination;
    this.#parts = parts;
    const secured = destination.tls && tlsFetch(destination.tls);
    this.#fetch = secured ?? parts.fetch;
    this.#close = secured?.close ?? (() => {});
    const url = new URL(destination.url);
    this.#mask = createMask({ url, headers: headersOf(destination.headers), secrets: parts.secrets });
    this.#target = this.#mask(url.origin + url.pathname);
  }

  /**
   * Sends records that stand for `events` events as one request. A request of several that would be too large is refused
   * before it is sent, so that delivery halves it; a single record that is too large is shortened, visibly.
   * @throws what `sendHttp` throws, and PermanentError for a request that is too large.
   */
  async send(given: OtlpRecords, events: number, abortSignal: AbortSignal): Promise<void | PartialResult> {
    const { maxRequestBytes } = this.#parts;
    const encoder = await this.#load();
    const whole = await encode(encoder, given, this.#parts.origin);
    if (whole.bytes.length <= maxRequestBytes)
      return this.#sendEncoded(encoder, given, whole, events, abortSignal);
    if (events > 1) {
      const what = `a request of ${whole.bytes.length} bytes is above maxRequestBytes, ${maxRequestBytes}`;
      throw new PermanentError(what);
    }
    const short = shortened(given, maxRequestBytes - OVERHEAD_BYTES);
    const cut = await encode(encoder, short, this.#parts.origin);
    return this.#sendEncoded(encoder, short, cut, events, abortSignal);
  }

  /** Sends an empty request, to see whether the destination takes OTLP. @throws what `sendHttp` throws. */
  async probe(abortSignal: AbortSignal): Promise<void> {
    const encoder = await this.#load();
    const { signal } = this.#destination;
    const empty: OtlpRecords = { signal, records: [], rejected: [] };
    const { bytes } = await encode(encoder, empty, this.#parts.origin);
    await this.#post(encoder, bytes, abortSignal);
  }

  /** Lets go of connections of its own. */
  close(): void {
    this.#close();
  }

  /** Once; again after a failure. */
  #load(): Promise<OtlpEncoder> {
    this.#encoder ??= loadEncoder(this.#destination.encoding).catch((error) => {
      this.#encoder = undefined;
      throw error;
    });
    return this.#encoder;
  }

  async #sendEncoded(
    encoder: OtlpEncoder,
    given: OtlpRecords,
    { bytes, rejected }: Encoded,
    events: number,
    abortSignal: AbortSignal,
  ): Promise<void | PartialResult> {
    const hasAny = rejected.length < given.records.length;
    const answer = hasAny && (await this.#postOrShorten(encoder, given, bytes, events, abortSignal));
    const refused = answer ? this.#refusals(encoder, given, answer, events) : [];
    // A metric stands for many events, so its index is none of theirs.
    const unwritten =
      given.signal === 'metrics' ? [...given.rejected, ...rejected.map(unknownOne)] : rejected;
    if (unwritten.length + refused.length > 0) return { rejected: [...unwritten, ...refused] };
  }

  async #postOrShorten(
    encoder: OtlpEncoder,
    given: OtlpRecords,
    bytes: Uint8Array,
    events: number,
    abortSignal: AbortSignal,
  ): Promise<HttpAnswer> {
    try {
      return await this.#post(encoder, bytes, abortSignal);
    } catch (error) {
      const isWorthIt = events === 1 && given.signal !== 'metrics' && bytes.length > SHORTENED_BYTES;
      if (!isTooLarge(error) || !isWorthIt) throw error;
      const short = shortened(given, SHORTENED_BYTES - OVERHEAD_BYTES);
      const cut = await encode(encoder, short, this.#parts.origin);
      return this.#post(encoder, cut.bytes, abortSignal);
    }
  }

  #post({ contentType }: OtlpEncoder, body: Uint8Array, abortSignal: AbortSignal): Promise<HttpAnswer> {
    const { url, headers, isZipped } = this.#destination;
    return sendHttp(this.#fetch, {
      url,
      headers: { 'user-agent': this.#parts.userAgent, ...headers, 'content-type': contentType },
      body,
      gzip: isZipped && body.length > 0,
      abortSignal,
      secrets: this.#parts.secrets,
    });
  }

  /** A destination says how many records it refused, not which: where it was not all, each is one that nobody knows. */
  #refusals(encoder: OtlpEncoder, given: OtlpRecords, answer: HttpAnswer, events: number): Rejection[] {
    const { body, headers } = answer;
    const contentType = headers.get('content-type') ?? undefined;
    const partial = encoder.partialSuccess(given.signal, { body, contentType });
    if (!partial) return [];
    const said = this.#mask(partial.message) || 'no reason given';
    if (partial.rejected === 0) this.#parts.onWarning(`${this.#target} says: ${said}`);
    const total = countOf(given);
    if (partial.rejected >= total) {
      return Array.from({ length: events }, (_, index) => ({ index, reason: `refused: ${said}` }));
    }
    const reason = `${partial.rejected} of ${total} refused, which ones is not said: ${said}`;
    return Array.from({ length: Math.min(partial.rejected, events) }, () => unknownOne({ reason }));
  }
}

/** Those that cannot be sent are named by `sendHttp`. */
function headersOf(given: Readonly<Record<string, string>>): Headers {
  try {
    return new Headers(given);
  } catch {
    return new Headers();
  }
}

function unknownOne({ reason }: { reason: string }): Rejection {
  return { index: -1, reason };
}

function encode(encoder: OtlpEncoder, given: OtlpRecords, origin: OtlpOrigin): Promise<Encoded> {
  switch (given.signal) {
    case 'traces':
      return encoder.traces(given.records, origin);
    case 'logs':
      return encoder.logs(given.records, origin);
    case 'metrics':
      return encoder.metrics(given.records, origin);
  }
}

function shortened(given: OtlpRecords, maxBytes: number): OtlpRecords {
  if (given.signal === 'traces') {
    return { ...given, records: given.records.map((record) => shorten(record, maxBytes)) };
  }
  if (given.signal === 'metrics') return given;
  return { ...given, records: given.records.map((record) => shorten(record, maxBytes)) };
}

/** What a destination counts: spans, log records, points. */
function countOf({ signal, records }: OtlpRecords): number {
  if (signal !== 'metrics') return records.length;
  return records.reduce((count, { points }) => count + points.length, 0);
}
