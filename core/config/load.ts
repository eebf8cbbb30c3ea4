import { readFile } from 'node:fs/promises';
import { basename, extname, relative, resolve } from 'node:path';
import { messageOf } from '../errors.ts';
import type { Freshness } from './fresh-url.ts';
import { importModule } from './import-module.ts';
import { describe } from './issues.ts';
import { type Locate, parseJson } from './json.ts';
import { at, firstLine, importFailure, type LoadFailure } from './load-failure.ts';
import type { Path } from './path.ts';
import { isPlain, type Tree } from './plain.ts';
import { parseYaml } from './yaml.ts';

/** A config file as it was found: its content, or why there is none. */
export interface Loaded {
  /** Absolute. */
  file: string;
  /** The keys under which the config lies in the file: `obs` in a package.json. */
  prefix: Path;
  /** Undefined when the file could not be loaded. */
  content: Tree | undefined;
  failures: (LoadFailure & { path?: Path })[];
  /** Where things are in the file, by their keys in the whole of it; for JSON and YAML. */
  locate?: Locate | undefined;
}

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json', '.yaml'];
const NAMES = EXTENSIONS.map((extension) => `obs.config${extension}`);
const SEARCH_PLACES = [...NAMES, ...NAMES.map((name) => `.config/${name}`), 'package.json'];

/** Finds a config file in a directory or above, up to the project root, and loads it; undefined when there is none. */
export async function searchConfig(cwd: string, freshness: Freshness): Promise<Loaded | undefined> {
  try {
    const file = await search(cwd);
    return file === undefined ? undefined : await loadConfig(file, cwd, freshness);
  } catch (cause) {
    // Settings of cosmiconfig itself may be in the package.json of the working directory, or that file be broken.
    const message = `the search for a config failed: ${firstLine(messageOf(cause))}`;
    const failures: LoadFailure[] = [{ code: 'OBS_CONFIG_LOAD', message, cause }];
    return { file: resolve(cwd, 'package.json'), prefix: [], content: undefined, failures };
  }
}

async function search(cwd: string): Promise<string | undefined> {
  const { cosmiconfig } = await import('cosmiconfig');
  // The files are only found here: an empty one must not be passed over, and a failing one not be run twice.
  const found = () => ({});
  const explorer = cosmiconfig('obs', {
    searchPlaces: SEARCH_PLACES,
    searchStrategy: 'project',
    ignoreEmptySearchPlaces: false,
    cache: false,
    loaders: {
      ...Object.fromEntries(EXTENSIONS.map((extension) => [extension, found])),
      // A package.json that is broken is for npm to complain about.
      '.json': (file, text) => (isManifest(file) ? (parseJson(text).value ?? {}) : {}),
    },
  });
  return (await explorer.search(cwd))?.filepath;
}

/** Loads a config file by its path. Never throws. */
export async function loadConfig(path: string, cwd: string, freshness: Freshness): Promise<Loaded> {
  const file = resolve(cwd, path);
  const prefix = isManifest(file) ? ['obs'] : [];
  const read = await readContent(file, cwd, freshness).catch((error) => unreadable(error, file, cwd));
  if (read.value === undefined && read.failures.length > 0)
    return { file, prefix, content: undefined, failures: read.failures };
  const { locate } = read;
  const content = isManifest(file) ? (read.value as Tree | null)?.obs : read.value;
  if (isPlain(content)) return { file, prefix, content, failures: read.failures, locate };
  const got = read.exports ?? (isPromise(content) ? 'a promise' : describe(content));
  const failure: LoadFailure = { code: 'OBS_CONFIG_EMPTY', message: `expected a config object, got ${got}` };
  return { file, prefix, content: undefined, failures: [...read.failures, failure] };
}

interface Content {
  value: unknown;
  failures: Loaded['failures'];
  locate?: Locate;
  /** What there is instead of a default export. */
  exports?: string;
}

function isManifest(file: string): boolean {
  return basename(file) === 'package.json';
}

function isPromise(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null)?.then === 'function';
}

function unreadable(error: NodeJS.ErrnoException, file: string, cwd: string): Content {
  const code = error.code === 'ENOENT' ? 'OBS_CONFIG_NOT_FOUND' : 'OBS_CONFIG_LOAD';
  const message =
    error.code === 'ENOENT' ? `${relative(cwd, file)} does not exist` : firstLine(messageOf(error));
  return { value: undefined, failures: [{ code, message, cause: error }] };
}

async function readContent(file: string, cwd: string, freshness: Freshness): Promise<Content> {
  const text = await readFile(file, 'utf8');
  const extension = extname(file);
  if (extension === '.json') return readJson(text, file, cwd);
  if (extension === '.yaml' || extension === '.yml') return readYaml(text, file, cwd);
  if (EXTENSIONS.includes(extension)) return readModule(file, cwd, freshness);
  const message = `expected one of ${EXTENSIONS.join(', ')}, got a file that ends in "${extension}"`;
  return { value: undefined, failures: [{ code: 'OBS_CONFIG_LOAD', message }] };
}

function readJson(text: string, file: string, cwd: string): Content {
  if (text.trim() === '') return { value: undefined, failures: [] };
  const { value, fault, duplicates, locate } = parseJson(text);
  const failures: Loaded['failures'] = [];
  for (const { path, position } of duplicates) {
    if (isManifest(file) && path[0] !== 'obs') continue;
    failures.push({
      code: 'OBS_CONFIG_DUPLICATE_KEY',
      path: isManifest(file) ? path.slice(1) : path,
      message: `the key "${path.at(-1)}" is there a second time${at({ file, ...position }, cwd)}`,
    });
  }
  if (fault) {
    const message = `${fault.message}${at({ file, ...fault.position }, cwd)}`;
    failures.push({ code: 'OBS_CONFIG_SYNTAX', message });
  }
  return { value, failures, locate };
}

async function readYaml(text: string, file: string, cwd: string): Promise<Content> {
  const { value, fault, locate } = await parseYaml(text);
  if (!fault) return { value, failures: [], locate };
  const where = fault.position ? at({ file, ...fault.position }, cwd) : '';
  const code = fault.isDuplicate ? 'OBS_CONFIG_DUPLICATE_KEY' : 'OBS_CONFIG_SYNTAX';
  return { value: undefined, failures: [{ code, message: `${fault.message}${where}` }] };
}

async function readModule(file: string, cwd: string, freshness: Freshness): Promise<Content> {
  try {
    const { namespace } = await importModule(file, freshness);
    const value = unwrap(namespace.default);
    if (value !== undefined) return { value, failures: [] };
    const names = Object.keys(namespace).join(', ');
    return { value, failures: [], exports: `no default export${names && ` (only ${names})`}` };
  } catch (error) {
    return { value: undefined, failures: [await importFailure(error, file, cwd)] };
  }
}

/** A module that was compiled from `export default` to CommonJS has its export one level deeper. */
function unwrap(value: unknown): unknown {
  const isCompiled = typeof value === 'object' && value !== null && '__esModule' in value;
  return isCompiled && 'default' in value ? value.default : value;
}
