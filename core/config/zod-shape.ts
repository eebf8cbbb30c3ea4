import type { Path } from './path.ts';

/**
 * The parts of a zod schema that are read from outside. A plugin may bring a copy of zod of its own, or another
 * library, so nothing is assumed and nothing is compared by class.
 */
interface ZodLike {
  /** `innerType` is what `z.lazy()` makes, when it is first asked for. */
  _zod?: { def?: ZodDef; innerType?: ZodLike };
  meta?: () => Record<string, unknown> | undefined;
}
interface ZodDef {
  type?: string;
  shape?: Record<string, ZodLike>;
  catchall?: ZodLike;
  innerType?: ZodLike;
  element?: ZodLike;
  valueType?: ZodLike;
  in?: ZodLike;
  options?: ZodLike[];
}

/** The names that the object at a path of a schema accepts; undefined where the schema does not say. */
export function keysAt(schema: unknown, path: Path): string[] | undefined {
  for (const found of schemasAt(schema as ZodLike, path)) {
    const shape = inner(found)._zod?.def?.shape;
    if (shape) return Object.keys(shape);
  }
  return undefined;
}

/** What `.meta({ expected })` says about the value at a path. */
export function expectedAt(schema: unknown, path: Path): string | undefined {
  for (const found of schemasAt(schema as ZodLike, path)) {
    const expected = metaOf(found).expected;
    if (typeof expected === 'string') return expected;
  }
  return undefined;
}

/** True where an object schema neither refuses nor passes on keys it does not know, but drops them unsaid. */
export function dropsUnknownKeys(schema: unknown): boolean {
  const def = inner(schema as ZodLike)._zod?.def;
  return def?.type === 'object' && def.catchall === undefined;
}

/** True for an option whose schema, or one around it, was made by `secret()`. */
export function isSecretOption(schema: unknown, path: Path): boolean {
  return path.some((_, index) =>
    schemasAt(schema as ZodLike, path.slice(0, index + 1)).some((found) => metaOf(found).secret === true),
  );
}

/** The schemas that can apply at a path: several where there are alternatives. */
function schemasAt(schema: ZodLike | undefined, path: Path): ZodLike[] {
  if (!schema) return [];
  const [key, ...rest] = path;
  const def = inner(schema)._zod?.def;
  if (def?.options) return def.options.flatMap((option) => schemasAt(option, path));
  if (key === undefined) return [schema];
  return schemasAt(def?.shape?.[key] ?? def?.element ?? def?.valueType ?? def?.catchall, rest);
}

/** The schema inside `optional`, `default`, `nullable`, `pipe`, `lazy` and the like. */
function inner(schema: ZodLike): ZodLike {
  const next = nextInside(schema);
  return next ? inner(next) : schema;
}

function nextInside(schema: ZodLike | undefined): ZodLike | undefined {
  const def = schema?._zod?.def;
  return def?.innerType ?? def?.in ?? schema?._zod?.innerType;
}

/** Everything that is noted on a schema and on those inside it. */
function metaOf(schema: ZodLike): Record<string, unknown> {
  const next = nextInside(schema);
  return { ...(next && metaOf(next)), ...schema.meta?.() };
}
