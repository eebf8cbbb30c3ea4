const REFERENCE = Symbol.for('obs.reference');
const WHOLE = /^\$\{(env|secret):([A-Za-z_][A-Za-z0-9_]*)\}$/;
const PART = /\$\{(?:env|secret):/;

/** A value that is read from the environment when the config is resolved. */
export interface Reference {
  readonly variable: string;
  readonly isSecret: boolean;
  readonly fallback: unknown;
}

/**
 * The value of an environment variable, read after all layers are merged and only for enabled entries. Numbers and
 * booleans are converted where the option asks for them. An empty variable counts as missing. Without a default a
 * missing variable is the problem `OBS_CONFIG_ENV_MISSING`. In data-only configs: the whole string `"${env:X}"`.
 */
export function env<T = string>(variable: string, fallback?: T): T {
  return reference(variable, false, fallback) as T;
}

/** Makes a reference; it is recognised across copies of the package. */
export function reference(variable: string, isSecret: boolean, fallback?: unknown): Reference {
  const made: Reference = { variable, isSecret, fallback };
  Object.defineProperty(made, REFERENCE, { value: true });
  return made;
}

/** True for what `env()` and `secret('X')` return, from this or another copy of the package. */
export function isReference(value: unknown): value is Reference {
  return typeof value === 'object' && value !== null && REFERENCE in value;
}

/** The reference that a text stands for: `"${env:X}"` or `"${secret:X}"`; undefined for any other text. */
export function referenceIn(text: string): Reference | undefined {
  const [, kind, variable] = WHOLE.exec(text) ?? [];
  return variable === undefined ? undefined : reference(variable, kind === 'secret');
}

/** True for a text that has a reference inside other text, where none is read. */
export function hasPartialReference(text: string): boolean {
  return PART.test(text) && !WHOLE.test(text);
}

/** What the environment has for a reference: text; undefined when the variable is absent or empty. */
export function readVariable({ variable }: Reference, env: Environment): string | undefined {
  return env[variable] || undefined;
}

/** Environment variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;
