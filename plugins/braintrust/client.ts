import { type HttpAnswer, sendHttp } from '../../core/index.ts';

/** What the client needs to speak to one account. */
export interface ClientParts {
  fetch: typeof globalThis.fetch;
  apiUrl: string;
  apiKey: string;
  /** Of this package; sent as the user agent. */
  version: string;
}

/** Everything may be sent again: rows carry ids. So every trouble on the side of the server is worth another try. */
const RETRY_STATUSES = [408, 429, ...Array.from({ length: 100 }, (_, index) => 500 + index)];

/** Requests to Braintrust's documented REST API. What it throws says how the failure is to be taken. */
export class Client {
  readonly #parts: ClientParts;

  constructor(parts: ClientParts) {
    this.#parts = { ...parts, apiUrl: parts.apiUrl.replace(/\/+$/, '') };
  }

  /** POSTs a JSON text; the answer as JSON, undefined where it is none. */
  post(path: string, body: string, abortSignal: AbortSignal): Promise<unknown> {
    return this.#ask('POST', path, body, abortSignal);
  }

  /** GETs; the answer as JSON, undefined where it is none. */
  get(path: string, abortSignal: AbortSignal): Promise<unknown> {
    return this.#ask('GET', path, undefined, abortSignal);
  }

  async #ask(method: string, path: string, body: string | undefined, abortSignal: AbortSignal) {
    const { fetch, apiUrl, apiKey, version } = this.#parts;
    const answer = await sendHttp(fetch, {
      url: `${apiUrl}${path}`,
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        'user-agent': `obs-kit/${version}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body }),
      abortSignal,
      retryStatuses: RETRY_STATUSES,
    });
    return jsonOf(answer);
  }
}

function jsonOf({ text }: HttpAnswer): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
