import type { ExportedSpan } from '../../core/index.ts';
import { isRecord, type RawRecord } from './record.ts';

/** The attribute in which `obs export` writes the fields of a span that OTLP would not bring back, as JSON. */
export const OWN_FIELDS_ATTRIBUTE = 'obs.span';

type Check = (value: unknown) => boolean;
const text: Check = (value) => typeof value === 'string' && value !== '';
const truth: Check = (value) => typeof value === 'boolean';
const anything: Check = () => true;
const texts: Check = (value) => Array.isArray(value) && value.every((one) => typeof one === 'string');
const records: Check = (value) => Array.isArray(value) && value.every(isRecord);

/** The fields that can be in it, and what they may be: a file is not trusted. */
const CHECKS = {
  type: (value) => typeof value === 'string' && /^[a-z_]+$/.test(value),
  isRootSpan: truth,
  isEvent: truth,
  status: (value) => value === 'ok' || value === 'error' || value === 'running',
  entityType: text,
  entityId: text,
  entityName: text,
  userId: text,
  organizationId: text,
  resourceId: text,
  runId: text,
  sessionId: text,
  threadId: text,
  requestId: text,
  source: text,
  input: anything,
  output: anything,
  attributes: isRecord,
  metadata: isRecord,
  tags: texts,
  errorInfo: (value) => isRecord(value) && typeof value['message'] === 'string',
  truncated: records,
} satisfies { [K in keyof ExportedSpan]?: Check };

/** The fields of a span that can be written in {@link OWN_FIELDS_ATTRIBUTE}. */
export const OWN_FIELDS = Object.keys(CHECKS) as (keyof typeof CHECKS)[];

/** Takes the own fields out of the attributes of a span; undefined when it has none that can be read. */
export function takeOwnFields(attributes: RawRecord): RawRecord | undefined {
  const given = attributes[OWN_FIELDS_ATTRIBUTE];
  if (typeof given !== 'string') return undefined;
  let read: unknown;
  try {
    read = JSON.parse(given);
  } catch {
    return undefined;
  }
  if (!isRecord(read)) return undefined;
  delete attributes[OWN_FIELDS_ATTRIBUTE];
  const sound = Object.entries(read).filter(([key, value]) => {
    const check = Object.hasOwn(CHECKS, key) ? CHECKS[key as keyof typeof CHECKS] : undefined;
    return check !== undefined && (value === null || check(value));
  });
  return Object.fromEntries(sound);
}

/** The span with its own fields as they were; null takes one away. */
export function withOwnFields<S extends object>(span: S, own: RawRecord): S {
  const whole = { ...span, ...own };
  return Object.fromEntries(
    Object.entries(whole).filter(([key, value]) => !(key in own) || value !== null),
  ) as S;
}
