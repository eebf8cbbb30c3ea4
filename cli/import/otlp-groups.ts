import type { Correlation, Scope } from '../../core/index.ts';
import { attributesOf } from './otlp-values.ts';
import { type Located, type RawRecord, type RecordWalk, recordOf, textOf, unlessEmpty } from './record.ts';

/** What the records of one scope of one resource share. */
export interface OtlpGroup {
  /** From the resource: service, environment and the source `otlp`. */
  correlation: Correlation;
  scope?: Scope;
  /** The other attributes of the resource. */
  resource: RawRecord;
  /** Resource and scope as they stand in the file: part of what identifies a record. */
  raw: readonly unknown[];
}

/** The keys under which OTLP nests the records of one signal, such as `resourceSpans`, `scopeSpans`, `spans`. */
export type OtlpNesting = readonly [resources: string, scopes: string, records: string];

/** The records of one signal in an OTLP/JSON document, each with what it shares with its neighbours. */
export function* otlpRecords(
  walk: RecordWalk,
  document: RawRecord,
  [resources, scopes, records]: OtlpNesting,
): Generator<Located & { group: OtlpGroup }> {
  for (const { record: ofResource, pointer: resourceAt } of walk.list(document, resources, '')) {
    for (const { record: ofScope, pointer: scopeAt } of walk.list(ofResource, scopes, resourceAt)) {
      const shared = { resource: recordOf(ofResource, 'resource'), scope: recordOf(ofScope, 'scope') };
      const group = walk.take({ record: shared, pointer: scopeAt }, () =>
        groupOf(shared.resource, shared.scope),
      );
      if (!group) continue;
      for (const located of walk.list(ofScope, records, scopeAt)) yield { ...located, group };
    }
  }
}

const SERVICE_KEYS = ['service.name'];
const ENVIRONMENT_KEYS = ['deployment.environment.name', 'deployment.environment'];

function groupOf(rawResource: RawRecord, rawScope: RawRecord): OtlpGroup {
  const resource = attributesOf(rawResource['attributes']);
  const correlation: Correlation = { source: 'otlp' };
  const serviceName = takeText(resource, SERVICE_KEYS);
  if (serviceName !== undefined) correlation.serviceName = serviceName;
  const environment = takeText(resource, ENVIRONMENT_KEYS);
  if (environment !== undefined) correlation.environment = environment;
  const scope = scopeOf(rawScope);
  return { correlation, resource, raw: [rawResource, rawScope], ...(scope && { scope }) };
}

/** The first text under one of the keys, which is then gone from the record. */
function takeText(record: RawRecord, keys: readonly string[]): string | undefined {
  const key = keys.find((candidate) => textOf(record, candidate) !== undefined);
  if (key === undefined) return undefined;
  const text = textOf(record, key);
  delete record[key];
  return text;
}

function scopeOf(scope: RawRecord): Scope | undefined {
  const name = textOf(scope, 'name');
  if (name === undefined) return undefined;
  const version = textOf(scope, 'version');
  return {
    name,
    ...(version !== undefined && { version }),
    ...unlessEmpty('attributes', attributesOf(scope['attributes'])),
  };
}
