import type { StandardIssue } from '../contract/plugin.ts';
import { type Path, pathText } from './path.ts';
import { valueAt } from './plain.ts';
import { didYouMean } from './suggest.ts';
import { expectedAt, keysAt } from './zod-shape.ts';

/** What zod adds to the issues of the Standard Schema interface. */
interface ZodIssue extends StandardIssue {
  code?: string;
  expected?: string;
  keys?: string[];
  values?: unknown[];
  minimum?: number | bigint;
  maximum?: number | bigint;
  inclusive?: boolean;
  format?: string;
}

/** A mistake that a schema found. */
export interface Mistake {
  path: Path;
  isUnknownKey: boolean;
  message: string;
}

/** The path of an issue as keys. */
export function issuePath({ path = [] }: StandardIssue): string[] {
  return path.map((step) => String(typeof step === 'object' ? step.key : step));
}

/**
 * The mistakes in an issue of any library; of zod's, in our words: what was expected and what there was. One for each
 * unknown key. A value is shown unless `isHidden` says that its path must not be.
 */
export function mistakesOf(
  issue: StandardIssue,
  schema: unknown,
  value: unknown,
  isHidden: (path: Path) => boolean,
): Mistake[] {
  const path = issuePath(issue);
  const { code, keys, values } = issue as ZodIssue;
  if (code === 'unrecognized_keys' && keys)
    return keys.map((key) => unknownKey([...path, key], keysAt(schema, path)));
  const found = valueAt(value, path);
  const got = describe(found, isHidden(path));
  const message = messageOf(issue, expectedAt(schema, path), got);
  const hint =
    typeof found === 'string' && values && !isHidden(path) ? didYouMean(found, values.map(String)) : '';
  return [{ path, isUnknownKey: false, message: message + hint }];
}

/** The mistake of a key that nothing reads. */
export function unknownKey(path: Path, known: readonly string[] = []): Mistake {
  const key = path.at(-1)!;
  const holder = pathText(path.slice(0, -1));
  const help = didYouMean(key, known) || knownKeys(known);
  const message = `unknown key "${key}"${holder && ` in ${holder}`}${help}`;
  return { path, isUnknownKey: true, message };
}

/** More than these help nobody. */
const MAX_KNOWN = 12;

function knownKeys(keys: readonly string[]): string {
  return keys.length === 0 || keys.length > MAX_KNOWN ? '' : ` (known: ${keys.join(', ')})`;
}

function messageOf(issue: ZodIssue, expected: string | undefined, got: string): string {
  const wanted = expected ?? expectation(issue);
  // Other libraries say in their own words what there was.
  if (wanted === undefined && issue.code === undefined) return issue.message;
  return wanted === undefined ? `${issue.message}, got ${got}` : `expected ${wanted}, got ${got}`;
}

const TYPES: Record<string, string> = {
  object: 'an object',
  record: 'an object',
  array: 'a list',
  int: 'an integer',
  boolean: 'true or false',
};

function expectation(issue: ZodIssue): string | undefined {
  const { code, expected = '', values, minimum, maximum, inclusive, format } = issue;
  if (code === 'invalid_type') return TYPES[expected] ?? `a ${expected}`;
  if (code === 'invalid_value' && values) return oneOf(values.map(String));
  if (code === 'too_small' && typeof minimum === 'number')
    return `${inclusive ? 'at least' : 'more than'} ${minimum}`;
  if (code === 'too_big' && typeof maximum === 'number')
    return `${inclusive ? 'at most' : 'less than'} ${maximum}`;
  return code === 'invalid_format' && format === 'url' ? 'a URL' : undefined;
}

/** `one of a, b, c`. */
export function oneOf(values: readonly string[]): string {
  return values.length === 1 ? values[0]! : `one of ${values.join(', ')}`;
}

const MAX_SHOWN = 60;

/** What there was: its type and, where it may be shown, its value. */
export function describe(value: unknown, isHidden = false): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'function') return 'a function';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  if (isHidden) return typeof value;
  return `${typeof value} (${text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text})`;
}
