import type { Scope } from '../../../core/index.ts';
import { type OtlpAttributes, otlpAttributes, wellFormed } from './value.ts';

/** What produced a record: attributes of the resource and the library inside it. Records of one object are grouped. */
export interface OtlpOrigin {
  /** Attributes of the resource, such as `service.name`. */
  resource: Readonly<Record<string, unknown>>;
  /** Used for records without a scope of their own. */
  scope: Scope;
}

/** A resource and a scope as the serializers read them; they group records by the identity of these objects. */
export interface Origin {
  resource: { attributes: OtlpAttributes };
  instrumentationScope: { name: string; version: string | undefined; attributes?: OtlpAttributes };
}

/** Gives each pair of resource and scope one object, as long as it lives: for one request. */
export class Origins {
  readonly #given: OtlpOrigin;
  readonly #resources = new Map<object, Origin['resource']>();
  readonly #scopes = new Map<string, Origin['instrumentationScope']>();

  constructor(given: OtlpOrigin) {
    this.#given = given;
  }

  /** Of a record with a resource or scope of its own, else of the request. */
  of(resource = this.#given.resource, scope: Scope = this.#given.scope): Origin {
    return { resource: this.#resource(resource), instrumentationScope: this.#scope(scope) };
  }

  #resource(given: Readonly<Record<string, unknown>>): Origin['resource'] {
    let resource = this.#resources.get(given);
    if (!resource) {
      resource = { attributes: otlpAttributes(given) };
      this.#resources.set(given, resource);
    }
    return resource;
  }

  #scope({ name, version, attributes }: Scope): Origin['instrumentationScope'] {
    // Scopes of the same name are grouped whatever their attributes, by the serializers too.
    const key = `${name}@${version ?? ''}`;
    let scope = this.#scopes.get(key);
    if (!scope) {
      scope = {
        name: wellFormed(String(name)),
        version: version === undefined ? undefined : wellFormed(String(version)),
        ...(attributes && { attributes: otlpAttributes(attributes) }),
      };
      this.#scopes.set(key, scope);
    }
    return scope;
  }
}
