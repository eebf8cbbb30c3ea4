/** The parts of a zod schema that are read; a plugin may bring a zod of its own, so nothing is compared by class. */
interface ZodLike {
  description?: string;
  meta?: () => Record<string, unknown> | undefined;
  safeParse(value: unknown): { success: boolean };
  /** `innerType` is what `z.lazy()` makes, when it is first asked for. */
  _zod: { def: Def; innerType?: ZodLike };
}
interface Def {
  type: string;
  shape?: Record<string, ZodLike>;
  catchall?: ZodLike;
  innerType?: ZodLike;
  in?: ZodLike;
  element?: ZodLike;
  valueType?: ZodLike;
  options?: ZodLike[];
  defaultValue?: unknown;
}

/** One option of a plugin, also one inside of another. */
export interface Option {
  /** Such as `rotate.maxBytes`. */
  path: string;
  isDescribed: boolean;
  /** Made by `secret()`. */
  isSecret: boolean;
  /** True where any text is taken. */
  isText: boolean;
  /** Set where there is a default that its own schema refuses. */
  wrongDefault?: unknown;
}

/** A named object in the options that takes keys which it does not know. */
export type LooseObject = string;

/** Every option of a schema; undefined for a schema of another library than zod. */
export function optionShape(schema: unknown): { options: Option[]; loose: LooseObject[] } | undefined {
  if (!(schema as ZodLike | undefined)?._zod) return undefined;
  const found = { options: [] as Option[], loose: [] as LooseObject[] };
  walk(schema as ZodLike, '', found);
  return found;
}

function walk(schema: ZodLike, path: string, found: { options: Option[]; loose: LooseObject[] }): void {
  const { def } = innermost(schema)._zod;
  for (const option of def.options ?? []) walk(option, path, found);
  for (const inside of [def.element, def.valueType]) if (inside) walk(inside, `${path}[]`, found);
  if (def.type !== 'object') return;
  if (def.catchall?._zod.def.type !== 'never') found.loose.push(path === '' ? 'the options' : path);
  for (const [key, inner] of Object.entries(def.shape ?? {})) {
    const inside = path === '' ? key : `${path}.${key}`;
    found.options.push(optionOf(inner, inside));
    walk(inner, inside, found);
  }
}

function optionOf(schema: ZodLike, path: string): Option {
  const layers = layersOf(schema);
  const bad = layers.filter(
    ({ _zod: { def } }) => def.type === 'default' && !def.innerType?.safeParse(def.defaultValue).success,
  );
  return {
    path,
    isDescribed: layers.some(({ description }) => description !== undefined && description.trim() !== ''),
    isSecret: layers.some((layer) => layer.meta?.()?.['secret'] === true),
    isText: layers.at(-1)!._zod.def.type === 'string',
    ...(bad[0] && { wrongDefault: bad[0]._zod.def.defaultValue }),
  };
}

/** A schema and those inside its `optional`, `default`, `pipe`, `lazy` and the like. */
function layersOf(schema: ZodLike): ZodLike[] {
  const { def, innerType } = schema._zod;
  const next = def.innerType ?? def.in ?? innerType;
  return next ? [schema, ...layersOf(next)] : [schema];
}

function innermost(schema: ZodLike): ZodLike {
  return layersOf(schema).at(-1)!;
}
