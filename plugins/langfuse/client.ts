import { createMask, type HttpAnswer, sendHttp } from '../../core/index.ts';
import type { ResolvedLangfuseOptions } from './options.ts';

/** A request to the API of Langfuse. */
export interface LangfuseRequest {
  /** Below the base URL, such as `/api/public/scores`. */
  path: string;
  contentType: string;
  body: Uint8Array | string;
  abortSignal?: AbortSignal | undefined;
}

const TRACES_PATH = '/api/public/otel/v1/traces';

/** Langfuse answers 500 when it could not store or queue what it was sent, so that is safe to send again. */
const RETRY_STATUSES = [429, 500, 502, 503, 504];

/** All requests to one Langfuse project. What they throw says what it means for delivery; it holds no secret, nor does an answer. */
export class LangfuseClient {
  readonly #options: ResolvedLangfuseOptions;
  readonly #fetch: typeof globalThis.fetch;
  readonly #headers: Record<string, string>;
  readonly #mask: (text: string) => string;

  constructor(options: ResolvedLangfuseOptions, fetch: typeof globalThis.fetch, version: string) {
    const { publicKey, secretKey, headers } = options;
    const basic = Buffer.from(`${publicKey}:${secretKey}`).toString('base64');
    this.#options = options;
    this.#fetch = fetch;
    this.#headers = {
      authorization: `Basic ${basic}`,
      'x-langfuse-sdk-name': 'obs-kit',
      'x-langfuse-sdk-version': version,
      'x-langfuse-public-key': publicKey,
      ...headers,
    };
    this.#mask = createMask({
      url: new URL(options.baseUrl),
      headers: new Headers(this.#headers),
      secrets: [secretKey, publicKey],
    });
  }

  /** Sends an OTLP request with spans. */
  sendTraces(body: Uint8Array, contentType: string, abortSignal?: AbortSignal): Promise<HttpAnswer> {
    const headers = { 'x-langfuse-ingestion-version': '4' };
    return this.#send({ path: TRACES_PATH, contentType, body, abortSignal }, headers);
  }

  /** Sends JSON. */
  sendJson(path: string, body: unknown, abortSignal?: AbortSignal): Promise<HttpAnswer> {
    const contentType = 'application/json';
    return this.#send({ path, contentType, body: JSON.stringify(body), abortSignal });
  }

  async #send(request: LangfuseRequest, headers: Record<string, string> = {}): Promise<HttpAnswer> {
    const { baseUrl, publicKey, secretKey, compression } = this.#options;
    const { path, contentType, body, abortSignal } = request;
    const answer = await sendHttp(this.#fetch, {
      url: `${baseUrl}${path}`,
      headers: { ...this.#headers, ...headers, 'content-type': contentType },
      body,
      gzip: compression === 'gzip' && typeof body !== 'string',
      retryStatuses: RETRY_STATUSES,
      secrets: [secretKey, publicKey],
      ...(abortSignal && { abortSignal }),
    });
    // What it says of single scores becomes the reason why they were refused.
    return { ...answer, text: this.#mask(answer.text) };
  }
}
