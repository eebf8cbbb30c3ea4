import type { OptionsSchema } from '../contract/plugin.ts';

/** The dialect of what is made here. */
export const JSON_SCHEMA = 'https://json-schema.org/draft/2020-12/schema';

/** A JSON Schema, as far as it is read here. */
export interface JsonSchema {
  [keyword: string]: unknown;
  type?: unknown;
  description?: string | undefined;
  default?: unknown;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  required?: string[];
}

/** What may stand for a value of any type, in every schema that is made here. */
export const OR_REFERENCE = {
  reference: {
    description: 'A variable of the environment, or null, which takes away what an earlier layer said',
    anyOf: [{ type: 'string', pattern: '^\\$\\{(env|secret):[A-Za-z_][A-Za-z0-9_]*\\}$' }, { type: 'null' }],
  },
};

/** What every variable seems to be set to while defaults are asked for. */
const FROM_ENVIRONMENT = '\u0000';

/** Libraries that can say it say it where the Standard JSON Schema interface has it. */
interface WithJsonSchema {
  jsonSchema?: {
    input(options: { target: string; libraryOptions?: Record<string, unknown> }): Record<string, unknown>;
  };
}

/**
 * The JSON Schema of a schema of any library, as far as the library can say it; any object where it cannot. Defaults
 * that are read from the environment are left out, so that nothing of this machine is in it.
 */
export function jsonSchemaOf(schema: OptionsSchema): JsonSchema {
  const { jsonSchema } = schema['~standard'] as WithJsonSchema;
  if (!jsonSchema) return { type: 'object' };
  const environment = process.env;
  try {
    process.env = new Proxy({}, { get: () => FROM_ENVIRONMENT });
    const target = 'draft-2020-12';
    const { $schema: _, ...made } = jsonSchema.input({ target, libraryOptions: { unrepresentable: 'any' } });
    return tidy(made);
  } catch {
    return { type: 'object' };
  } finally {
    process.env = environment;
  }
}

/** Every option may be a reference instead, at any depth. */
export function orReference(schema: JsonSchema): JsonSchema {
  const made: JsonSchema = { ...schema };
  if (schema.properties)
    made.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([key, below]) => [key, referable(orReference(below))]),
    );
  for (const below of ['additionalProperties', 'items'] as const)
    if (typeof schema[below] === 'object') made[below] = referable(orReference(schema[below]));
  return schema.properties || schema.type === 'object' ? made : referable(made);
}

function referable(schema: JsonSchema): JsonSchema {
  if (isAny(schema) || schema.anyOf?.some((one) => one['$ref'] === REFERENCE)) return schema;
  const { description, default: standard, ...rest } = schema;
  return {
    ...(description !== undefined && { description }),
    ...(standard !== undefined && { default: standard }),
    anyOf: [...(Object.keys(rest).join() === 'anyOf' ? (schema.anyOf ?? []) : [rest]), { $ref: REFERENCE }],
  };
}

const REFERENCE = '#/$defs/reference';

function isAny(schema: JsonSchema): boolean {
  return Object.keys(schema).every((key) => key === 'description' || key === 'default');
}

/** Without the notes that only the host reads; a secret is what is written and never shown. */
function tidy(schema: JsonSchema): JsonSchema {
  const made: JsonSchema = { ...schema };
  if (made['secret'] === true) {
    delete made['secret'];
    made['writeOnly'] = true;
  }
  if (made.default === FROM_ENVIRONMENT) delete made.default;
  if (typeof made['expected'] === 'string') delete made['expected'];
  if (made['maximum'] === Number.MAX_SAFE_INTEGER) delete made['maximum'];
  for (const [key, value] of Object.entries(made)) {
    if (Array.isArray(value)) made[key] = value.filter((one) => !isEmpty(one)).map(tidyValue);
    else made[key] = tidyValue(value);
  }
  return made;
}

/** An alternative that JSON cannot write, such as an instance of a class. */
function isEmpty(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
  );
}

function tidyValue(value: unknown): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? tidy(value as JsonSchema)
    : value;
}
