import type { Scope } from '../../core/index.ts';
import { isRecord, type RawRecord, recordOf } from '../import/record.ts';

/** A plain value as OTLP's `AnyValue`. Whole numbers are 64-bit integers, which OTLP/JSON writes as text. */
export function anyValueOf(value: unknown): RawRecord {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValueOf) } };
  return isRecord(value) ? { kvlistValue: { values: attributeList(value) } } : {};
}

/** Attributes as OTLP has them: a list of keys and values. */
export function attributeList(attributes: RawRecord): RawRecord[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValueOf(value) }));
}

/** Microseconds since the Unix epoch as OTLP's nanoseconds, which are text. */
export function nanosOf(unixMicro: number): string {
  return String(BigInt(unixMicro) * 1_000n);
}

/** What a record says about the service that made it. */
export interface Origin {
  serviceName?: string;
  environment?: string;
  scope?: Scope;
  /** Further attributes of the resource. */
  resource: RawRecord;
}

/** The records of one signal as OTLP nests them: by resource and scope. */
export function nestedBy<R>(
  records: readonly R[],
  originOf: (record: R) => Origin,
  [resources, scopes, list]: readonly [resources: string, scopes: string, list: string],
  encode: (record: R) => RawRecord,
): RawRecord {
  const groups = new Map<string, { origin: Origin; encoded: RawRecord[] }>();
  for (const record of records) {
    const origin = originOf(record);
    const key = JSON.stringify(origin);
    const group = groups.get(key) ?? { origin, encoded: [] };
    group.encoded.push(encode(record));
    groups.set(key, group);
  }
  const nested = [...groups.values()].map(({ origin, encoded }) => ({
    resource: { attributes: attributeList(resourceOf(origin)) },
    [scopes]: [{ ...scopeOf(origin), [list]: encoded }],
  }));
  return { [resources]: nested };
}

function resourceOf({ serviceName, environment, resource }: Origin): RawRecord {
  return {
    ...(serviceName !== undefined && { 'service.name': serviceName }),
    ...(environment !== undefined && { 'deployment.environment.name': environment }),
    ...resource,
  };
}

function scopeOf({ scope }: Origin): RawRecord {
  if (!scope) return {};
  const { attributes, ...named } = scope;
  return { scope: { ...named, ...(attributes && { attributes: attributeList(attributes) }) } };
}

/** What an import kept of OTLP that no field of ours holds. */
export function otelOf(holder: unknown): RawRecord {
  return isRecord(holder) ? recordOf(holder, 'otel') : {};
}
