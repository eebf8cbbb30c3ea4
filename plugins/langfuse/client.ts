import { AmbiguousError, type HttpAnswer, RetryableError, sendHttp } from '../../core/index.ts';
import type { ResolvedLangfuseOptions } from './options.ts';

/** A request to the API of Langfuse. */
export interface LangfuseRequest {
  /** Below the base URL, such as `/api/public/scores`. */
  path: string;
  contentType: string;
  body: Uint8Array | string;
  abortSignal?: AbortSignal;
  /** Send again although it may have arrived. */
  retryAmbiguous: boolean;
}

const TRACES_PATH = '/api/public/otel/v1/traces';

/** Langfuse answers 500 when it could not store or queue what it was sent, so that is safe to send again. */
const RETRY_STATUSES = [429, 500, 502, 503, 504];

/** All requests to one Langfuse project. What they throw says what it means for delivery, and holds no secret. */
export class LangfuseClient {
  readonly #options: ResolvedLangfuseOptions;
  readonly #fetch: typeof globalThis.fetch;
  readonly #headers: Record<string, string>;

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
  }

  /** Sends an OTLP request with spans. */
  async sendTraces(body: Uint8Array, contentType: string, abortSignal?: AbortSignal): Promise<HttpAnswer> {
    const { retryOnTimeout } = this.#options;
    const request = { path: TRACES_PATH, contentType, body, retryAmbiguous: retryOnTimeout };
    return this.#send(
      { ...request, ...(abortSignal && { abortSignal }) },
      { 'x-langfuse-ingestion-version': '4' },
    );
  }

  /** Sends JSON. A score that may have arrived is sent again: Langfuse knows it by its id. */
  async sendJson(path: string, body: unknown, abortSignal?: AbortSignal): Promise<HttpAnswer> {
    const request = {
      path,
      contentType: 'application/json',
      body: JSON.stringify(body),
      retryAmbiguous: true,
    };
    return this.#send({ ...request, ...(abortSignal && { abortSignal }) });
  }

  async #send(request: LangfuseRequest, headers: Record<string, string> = {}): Promise<HttpAnswer> {
    const { baseUrl, publicKey, secretKey, compression } = this.#options;
    const { path, contentType, body, abortSignal, retryAmbiguous } = request;
    try {
      return await sendHttp(this.#fetch, {
        url: `${baseUrl}${path}`,
        headers: { ...this.#headers, ...headers, 'content-type': contentType },
        body,
        gzip: compression === 'gzip' && typeof body !== 'string',
        retryStatuses: RETRY_STATUSES,
        secrets: [secretKey, publicKey],
        ...(abortSignal && { abortSignal }),
      });
    } catch (error) {
      if (retryAmbiguous && error instanceof AmbiguousError)
        throw new RetryableError(error.message, { cause: error });
      throw error;
    }
  }
}
