import { resolve } from 'node:path';
import type { Entry } from './entry-form.ts';
import { isPath } from './plugin-file.ts';
import type { Source } from './source.ts';

/** What a config was read from, for whoever wants to follow it. */
export interface ReadFiles {
  /** Absolute: the config file, then the plugins that are given by paths. Empty without a config file. */
  files: readonly string[];
  /** When reading began, as milliseconds since the epoch: what is written later may not have been seen. */
  since: number;
}

/** The files of a config, also of one with mistakes: to correct them is to write one of these. */
export function readFilesOf(
  { file, directory }: Source,
  plugins: Record<string, Entry | null>,
  since: number,
): ReadFiles {
  if (file === undefined) return { files: [], since };
  const paths = Object.values(plugins).flatMap((entry) => {
    const use = entry?.use;
    return typeof use === 'string' && isPath(use) ? resolve(directory, use) : [];
  });
  return { files: [file, ...new Set(paths)], since };
}
