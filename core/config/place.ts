import type { Locate } from './json.ts';
import { type Path, pathText } from './path.ts';

/** Where a value can come from, from the weakest to the strongest. */
export type LayerName = 'default' | 'file' | 'environment' | 'variable' | 'code';

/** Where a layer of the config is written. */
export interface Place {
  layer: LayerName;
  /** For people: the config file, the name of a variable, `createObs()` or `built-in`. */
  file: string;
  /** The keys under which the layer lies in its file, such as `environments.production`. */
  prefix: Path;
  /** Where things are in the file, by their keys in the whole of it; for JSON and YAML. */
  locate?: Locate | undefined;
}

/** What is built in. */
export const BUILT_IN: Place = { layer: 'default', file: 'built-in', prefix: [] };

/** For people: `obs.config.ts environments.production`. */
export function sourceOf({ file, prefix }: Place): string {
  return prefix.length === 0 ? file : `${file} ${pathText(prefix)}`;
}

/** The short form of {@link sourceOf}: an overlay goes by its key alone. */
export function labelOf(place: Place): string {
  return place.layer === 'environment' ? pathText(place.prefix) : sourceOf(place);
}

const ORDER: readonly LayerName[] = ['default', 'file', 'environment', 'variable', 'code'];

/** The rank of a place: weakest first. */
export function rankOf({ layer }: Place): number {
  return ORDER.indexOf(layer);
}
