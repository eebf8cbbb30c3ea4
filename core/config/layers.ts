import type * as z from 'zod';
import { DEFAULTS, packageName, UNKNOWN_SERVICE } from './defaults.ts';
import { declaredKeys } from './entry-keys.ts';
import { describe } from './issues.ts';
import { checkLayer, type Layer } from './layer.ts';
import { BUILT_IN, type Place } from './place.ts';
import { copyPlain, isPlain, type Tree } from './plain.ts';
import type { Problems } from './problems.ts';
import { fileSchema, layerSchema } from './schema.ts';
import type { Secrets } from './secrets.ts';
import type { Source } from './source.ts';

/** What a config file says. */
export interface FileLayers {
  /** The file itself and the overlay that applies. */
  layers: Layer[];
  /** The names of all overlays. */
  environments: string[];
  /** The keys of the entries that any overlay declares. */
  declared: ReadonlySet<string>;
}

/** Takes over what is written at one place, in its normal form; what is wrong is a problem and left out. */
export function readLayer(place: Place, written: unknown, problems: Problems, secrets: Secrets): Layer {
  return copyLayer(place, written, layerSchema(), problems, secrets);
}

/** The layers of a config file: itself, and its overlay for the environment. */
export function readFileLayers(
  { content, place }: Source,
  environment: string,
  problems: Problems,
  secrets: Secrets,
): FileLayers {
  if (content === undefined) return { layers: [], environments: [], declared: new Set() };
  const { value } = copyLayer(place, content, fileSchema(), problems, secrets);
  const { environments: written, $schema: _, ...file } = value;
  const overlays = isPlain(written) ? written : {};
  const layers: Layer[] = [{ place, value: file }];
  const overlay = Object.hasOwn(overlays, environment) ? overlays[environment] : undefined;
  const prefix = [...place.prefix, 'environments', environment];
  if (isPlain(overlay))
    layers.push(
      checkLayer({ ...place, layer: 'environment', prefix }, overlay, layerSchema(), problems, secrets),
    );
  const declared = declaredKeys(Object.values(overlays));
  return { layers, environments: Object.keys(overlays), declared };
}

function copyLayer(
  place: Place,
  written: unknown,
  schema: z.ZodType,
  problems: Problems,
  secrets: Secrets,
): Layer {
  const copy = copyPlain(written, [], problems.at(place));
  if (isPlain(copy)) return checkLayer(place, copy, schema, problems, secrets);
  problems.at(place)('OBS_CONFIG_TYPE', [], `expected an object, got ${describe(copy)}`);
  return { place, value: {} };
}

/** What holds where nobody says otherwise: the built-in settings, entries that are on, the package's name. */
export async function defaultLayers(directory: string, layers: readonly Layer[]): Promise<Layer[]> {
  const keys = layers.flatMap(({ value }) => Object.keys(value.plugins ?? {}));
  const plugins = Object.fromEntries(keys.map((key) => [key, { enabled: true }]));
  const builtIn = { ...DEFAULTS, service: { name: UNKNOWN_SERVICE, attributes: {} }, plugins } as Tree;
  const name = await packageName(directory);
  const manifest: Place = { ...BUILT_IN, file: 'package.json' };
  return [
    { place: BUILT_IN, value: builtIn as Layer['value'] },
    ...(name === undefined ? [] : [{ place: manifest, value: { service: { name } } }]),
  ];
}
