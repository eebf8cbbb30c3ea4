import type { OptionsSchema, StandardIssue } from '../contract/plugin.ts';
import { issuePath } from './issues.ts';
import { type Path, pathText } from './path.ts';
import { isPlain, replaceAt, type Tree } from './plain.ts';
import { type Environment, isReference, type Reference, readVariable } from './reference.ts';

/** A reference and what the environment has for it. */
export interface Reading {
  path: Path;
  reference: Reference;
  /** Undefined when the variable is absent. */
  text: string | undefined;
}

/** A part of a config with its references read, as a schema made it. */
export interface Settled {
  /** What was checked; the schema's result where there are no issues. */
  value: unknown;
  /** What the schema saw. */
  input: unknown;
  issues: readonly StandardIssue[];
  readings: readonly Reading[];
  /** References without a default whose variable is absent. What is missing for them is no issue. */
  missing: readonly Reading[];
}

/**
 * Reads the references in a value and checks it. The environment has only text: where the schema refuses the text of
 * a number, of `true` or of `false`, it is given what the text says.
 * @throws what the schema's validation throws.
 */
export async function settle(schema: OptionsSchema, value: unknown, env: Environment): Promise<Settled> {
  const readings: Reading[] = [];
  const input = readReferences(value, [], env, readings);
  let result = await schema['~standard'].validate(input);
  if (convertRefused(input, result.issues ?? [], readings))
    result = await schema['~standard'].validate(input);
  const missing = readings.filter(isMissing);
  const unread = new Set(missing.map(({ path }) => pathText(path)));
  const issues = (result.issues ?? []).filter((issue) => !unread.has(pathText(issuePath(issue))));
  return { value: result.issues ? input : result.value, input, issues, readings, missing };
}

function isMissing({ text, reference }: Reading): boolean {
  return text === undefined && reference.fallback === undefined;
}

/** A copy with the text of each variable, or its default, in place of the reference. */
function readReferences(value: unknown, path: Path, env: Environment, readings: Reading[]): unknown {
  if (isReference(value)) {
    const text = readVariable(value, env);
    readings.push({ path, reference: value, text });
    return text ?? value.fallback;
  }
  if (Array.isArray(value))
    return value.map((entry, index) => readReferences(entry, [...path, `${index}`], env, readings));
  if (!isPlain(value)) return value;
  const copy: Tree = {};
  for (const [key, entry] of Object.entries(value)) {
    const read = readReferences(entry, [...path, key], env, readings);
    if (read !== undefined) copy[key] = read;
  }
  return copy;
}

/** Puts numbers and booleans where their text was refused; true when there were any. */
function convertRefused(
  input: unknown,
  issues: readonly StandardIssue[],
  readings: readonly Reading[],
): boolean {
  const refused = new Set(issues.map((issue) => pathText(issuePath(issue))));
  let hasConverted = false;
  for (const { path, text } of readings) {
    const value = text !== undefined && refused.has(pathText(path)) ? meaningOf(text) : undefined;
    if (value === undefined) continue;
    replaceAt(input, path, value);
    hasConverted = true;
  }
  return hasConverted;
}

/** The number or boolean that a text says. */
function meaningOf(text: string): number | boolean | undefined {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined;
}
