import type { Correlation, Resource } from '../../../core/index.ts';
import { isRecord, type PlainRecord } from './plain.ts';

type Attributes = Readonly<Record<string, unknown>>;

/** Different resources that are remembered; beyond, as with one per request, they are made anew. */
const MAX_KNOWN = 256;

/**
 * Gives the resource of a record. Most are of this process and share one; those made elsewhere carry another service,
 * environment or, after an import, a whole resource.
 */
export class ResourceMap {
  readonly #own: Attributes;
  readonly #environment: string;
  readonly #serviceName: string;
  readonly #others = new Map<string, Attributes>();

  constructor(resource: Resource, environment: string, wanted: Readonly<Record<string, string>> = {}) {
    this.#serviceName = resource.serviceName;
    this.#environment = environment;
    this.#own = {
      'service.name': resource.serviceName,
      ...(resource.serviceVersion && { 'service.version': resource.serviceVersion }),
      'deployment.environment.name': environment,
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.name': 'obs-kit',
      ...resource.attributes,
      ...wanted,
    };
  }

  /** The resource of this process. */
  get own(): Attributes {
    return this.#own;
  }

  /** The resource of a record; undefined where it is that of this process. */
  of({ serviceName, environment }: Correlation, metadata?: unknown): Attributes | undefined {
    const imported = importedResource(metadata);
    const isOwn =
      (serviceName === undefined || serviceName === this.#serviceName) &&
      (environment === undefined || environment === this.#environment);
    if (isOwn && !imported) return undefined;
    const key = JSON.stringify([serviceName, environment, imported]);
    const known = this.#others.get(key);
    if (known) return known;
    if (this.#others.size >= MAX_KNOWN) this.#others.clear();
    const other = this.#other(serviceName, environment, imported);
    this.#others.set(key, other);
    return other;
  }

  /** A record of another service did not come from this process: only what it says of itself is known. */
  #other(serviceName?: string, environment?: string, imported?: PlainRecord): Attributes {
    const isForeign = imported || (serviceName !== undefined && serviceName !== this.#serviceName);
    return {
      ...(isForeign ? { 'telemetry.sdk.name': 'obs-kit' } : this.#own),
      ...imported,
      'service.name': serviceName ?? this.#serviceName,
      'deployment.environment.name': environment ?? this.#environment,
    };
  }
}

/** The resource that `obs import` kept of an OTLP file. */
function importedResource(metadata: unknown): PlainRecord | undefined {
  const otel = isRecord(metadata) ? metadata['otel'] : undefined;
  const resource = isRecord(otel) ? otel['resource'] : undefined;
  return isRecord(resource) && Object.keys(resource).length > 0 ? resource : undefined;
}
