import { createRedactor, REDACTED } from '../bus/redact.ts';
import { isPlugin } from '../contract/plugin.ts';
import type { Path } from './path.ts';
import { isPlain } from './plain.ts';
import type { Environment } from './reference.ts';
import { isSecretOption } from './zod-shape.ts';

/** What is shown in place of a secret. */
export const MASK = '••••';

const SECRET_KEY =
  /(?:password|passwd|passphrase|secret|token|(?:api|access|private|secret)[-_]?key|credentials?|authorization|auth|cookie|dsn|headers)$/i;
const SECRET_VARIABLE = /(?:key|token|secret|password|passwd|credentials?|auth|dsn|cookie)$/i;
const USER_INFO = /(\/\/)[^/@\s]+@/g;

/** Shorter texts occur by chance inside others. */
const MIN_DECLARED_LENGTH = 4;
const MIN_GUESSED_LENGTH = 8;

/** Knows what must not be shown, and makes texts and values of a config fit to be shown. */
export class Secrets {
  readonly #values = new Set<string>();
  readonly #schemas = new Map<string, unknown>();
  readonly #redact = createRedactor();

  /** Values of variables whose name says that they are secret are never shown, whoever repeats them. */
  constructor(env: Environment) {
    for (const [name, value] of Object.entries(env))
      if (value !== undefined && value.length >= MIN_GUESSED_LENGTH && SECRET_VARIABLE.test(name))
        this.#values.add(value);
  }

  /** Takes note of a value that was declared a secret. */
  remember(value: unknown): void {
    if (typeof value === 'string' && value.length >= MIN_DECLARED_LENGTH) this.#values.add(value);
  }

  /** Takes note of the schema of the options of an entry or of a processor: it says which of them are secrets. */
  rememberSchema(entry: string, schema: unknown): void {
    this.#schemas.set(entry, schema);
  }

  /** True for a path whose value is a secret by its name or by the plugin's schema. */
  isSecret(path: Path): boolean {
    const [top, entry, part, ...rest] = path;
    // The name of an entry is its user's choice and says nothing about what is in it.
    const names = top === 'plugins' ? path.slice(2) : path;
    if (names.some((key) => SECRET_KEY.test(key))) return true;
    if (top !== 'plugins') return false;
    if (part === 'options') return isSecretOption(this.#schemas.get(entry!), rest);
    const [index, inner, ...option] = rest;
    if (part !== 'processors' || inner !== 'options') return false;
    return isSecretOption(this.#schemas.get(`${entry}.processors.${index}`), option);
  }

  /** A text without the secrets in it. */
  clean(text: string): string {
    let clean = text;
    // The longest first, so that none leaves the rest of another behind.
    for (const value of [...this.#values].sort((a, b) => b.length - a.length))
      clean = clean.replaceAll(value, MASK);
    return this.#redact(clean).replaceAll(REDACTED, MASK).replace(USER_INFO, `$1${MASK}@`);
  }

  /** A value of a config as it may be shown: plain, secrets masked, functions and objects by name. */
  show(path: Path, value: unknown): unknown {
    if (value === null || value === undefined) return value;
    if (this.isSecret(path)) return MASK;
    if (typeof value === 'string') return this.clean(value);
    if (isPlugin(value)) return value.name;
    if (typeof value === 'function') return `[function ${value.name || 'anonymous'}]`;
    if (Array.isArray(value)) return value.map((entry, index) => this.show([...path, `${index}`], entry));
    if (isPlain(value)) return this.#showObject(path, value);
    return typeof value === 'object' ? `[${value.constructor?.name ?? 'object'}]` : value;
  }

  #showObject(path: Path, value: Record<string, unknown>): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, this.show([...path, key], entry)]),
    );
  }
}
