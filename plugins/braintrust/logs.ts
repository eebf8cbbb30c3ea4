import { AmbiguousError, DestinationError, isTooLarge, statusOf } from '../../core/index.ts';
import type { Client } from './client.ts';
import { fitRow } from './fit.ts';
import type { Row } from './map.ts';
import type { Project } from './project.ts';
import { type Request, requestsOf } from './requests.ts';

/** No destination is asked to take less than this in one request. */
const MIN_REQUEST_BYTES = 10_000;

/** The logs of a project: rows go in, in requests that are small enough. */
export class ProjectLogs {
  readonly #client: Client;
  readonly #project: Project;
  /** Learnt from 413. */
  #maxBytes: number;

  constructor(client: Client, project: Project, maxBytes: number) {
    this.#client = client;
    this.#project = project;
    this.#maxBytes = maxBytes;
  }

  /**
   * Writes rows, each with its id; gives the places of those that the answer does not confirm. `texts` are their JSON.
   * A row that is refused as too large is truncated, by half each time.
   */
  async insert(rows: readonly { id: string }[], texts: readonly string[], abortSignal: AbortSignal) {
    const missing: number[] = [];
    for (const request of requestsOf(texts, this.#maxBytes)) {
      const row = request.items.length === 1 ? rows[request.from] : undefined;
      const answer = await this.#insert(request, row, abortSignal);
      const ids = rows.slice(request.from, request.from + request.items.length).map(({ id }) => id);
      missing.push(...unconfirmed(ids, answer).map((place) => place + request.from));
    }
    return missing;
  }

  /** Sends items of feedback. `onSent` is told the places that are done, so that none is said twice. */
  async feedback(texts: readonly string[], abortSignal: AbortSignal, onSent: (place: number) => void) {
    for (const request of requestsOf(texts, this.#maxBytes)) {
      await this.#post('feedback', request, abortSignal);
      for (const index of request.items.keys()) onSent(request.from + index);
    }
  }

  async #insert(request: Request, row: object | undefined, abortSignal: AbortSignal): Promise<unknown> {
    try {
      return await this.#post('insert', request, abortSignal);
    } catch (error) {
      const half = Math.floor(request.bytes / 2);
      const smaller =
        isTooLarge(error) && row && half >= MIN_REQUEST_BYTES ? fitRow(row as Row, half) : undefined;
      if (smaller === undefined) throw error;
      const [next] = requestsOf([smaller], Number.POSITIVE_INFINITY);
      return this.#insert({ ...next!, from: request.from }, row, abortSignal);
    }
  }

  async #post(operation: 'insert' | 'feedback', { items, bytes }: Request, abortSignal: AbortSignal) {
    const list = operation === 'insert' ? 'events' : 'feedback';
    try {
      const path = await this.#project.path(operation, abortSignal);
      return await this.#client.post(path, `{"${list}":[${items.join(',')}]}`, abortSignal);
    } catch (error) {
      if (statusOf(error) === 404) this.#project.forget();
      if (isTooLarge(error)) this.#maxBytes = Math.max(MIN_REQUEST_BYTES, Math.floor(bytes / 2));
      throw error;
    }
  }
}

/** The answer names the row of each event, in order. Where one is missing by name, only that one is in doubt. */
function unconfirmed(ids: readonly string[], answer: unknown): number[] {
  const confirmed = (answer as { row_ids?: unknown } | undefined)?.row_ids;
  if (!Array.isArray(confirmed))
    throw new DestinationError('the answer to an insert has no row_ids: it is not from Braintrust');
  if (confirmed.length === ids.length) return [];
  const named = new Set(confirmed);
  const missing = ids.flatMap((id, place) => (named.has(id) ? [] : [place]));
  if (missing.length === ids.length - confirmed.length) return missing;
  throw new AmbiguousError(`${ids.length} rows were inserted, ${confirmed.length} were confirmed`);
}
