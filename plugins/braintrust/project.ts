import { DestinationError, messageOf, PermanentError } from '../../core/index.ts';
import type { Client } from './client.ts';
import type { ProjectChoice } from './options.ts';

/** The project that gets the rows: asked for once, then remembered. */
export class Project {
  readonly #client: Client;
  readonly #choice: ProjectChoice;
  #id: Promise<string> | undefined;

  constructor(client: Client, choice: ProjectChoice) {
    this.#client = client;
    this.#choice = choice;
    if ('id' in choice) this.#id = Promise.resolve(choice.id);
  }

  /** The id; a project given by name is got, or made, on the first call. @throws as the request failed. */
  id(abortSignal: AbortSignal): Promise<string> {
    this.#id ??= this.#getOrCreate(abortSignal).catch((error) => {
      this.#id = undefined;
      throw error;
    });
    return this.#id;
  }

  /** Asks whether key, address and project are right. @throws as the request failed. */
  async probe(abortSignal: AbortSignal): Promise<void> {
    if ('id' in this.#choice) await this.#client.get(`/v1/project/${pathPart(this.#choice.id)}`, abortSignal);
    else await this.id(abortSignal);
  }

  /** The path of an operation on its logs. */
  async path(operation: 'insert' | 'feedback', abortSignal: AbortSignal): Promise<string> {
    return `/v1/project_logs/${pathPart(await this.id(abortSignal))}/${operation}`;
  }

  /** For a project that is gone: one given by name is made again. */
  forget(): void {
    if (!('id' in this.#choice)) this.#id = undefined;
  }

  async #getOrCreate(abortSignal: AbortSignal): Promise<string> {
    const { name, orgName } = this.#choice as Exclude<ProjectChoice, { id: string }>;
    const body = JSON.stringify({ name, ...(orgName !== undefined && { org_name: orgName }) });
    const answer = await this.#client.post('/v1/project', body, abortSignal).catch(asDestination);
    const id = (answer as { id?: unknown } | undefined)?.id;
    if (typeof id === 'string' && id !== '') return id;
    throw new DestinationError(`the answer to /v1/project has no id: ${name} is no project of Braintrust's`);
  }
}

/** Without its project no event can be sent, so a refusal is about the destination and not about events. */
function asDestination(error: unknown): never {
  if (!(error instanceof PermanentError)) throw error;
  throw new DestinationError(messageOf(error), { cause: error });
}

function pathPart(text: string): string {
  return encodeURIComponent(text);
}
