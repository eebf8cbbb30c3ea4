import { hideJsonEntries } from './redact-json.ts';

/** What stands where a secret was. */
export const REDACTED = '[REDACTED]';

/** Names under which secrets are kept, without case, `_` and `-`. */
const SECRET_KEYS = [
  'password',
  'passwd',
  'passphrase',
  'secret',
  'clientsecret',
  'token',
  'accesstoken',
  'refreshtoken',
  'idtoken',
  'authtoken',
  'bearertoken',
  'sessiontoken',
  'apikey',
  'xapikey',
  'authorization',
  'proxyauthorization',
  'auth',
  'bearer',
  'jwt',
  'credential',
  'credentials',
  'privatekey',
  'secretkey',
  'secretaccesskey',
  'cookie',
  'setcookie',
];

/** Whatever ends so is secret as well: `db_password`, `AWS_SECRET_ACCESS_KEY`, `stripeApiKey`. */
const SECRET_ENDINGS = [
  'password',
  'passwd',
  'passphrase',
  'secret',
  'apikey',
  'accesstoken',
  'refreshtoken',
  'authtoken',
  'bearertoken',
  'sessiontoken',
  'privatekey',
  'secretkey',
  'secretaccesskey',
  'credentials',
];

/**
 * Shapes of secrets that betray themselves. Each alternative starts with a fixed text and repeats one bounded
 * character class, so matching is linear in the length of the text.
 */
const SECRET_VALUES = new RegExp(
  [
    String.raw`\bsk-[A-Za-z0-9_-]{16,256}`, // OpenAI, Anthropic, Langfuse
    String.raw`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`, // AWS access key ids
    String.raw`\bgh[pousr]_[A-Za-z0-9]{36,255}`, // GitHub
    String.raw`\bgithub_pat_[A-Za-z0-9_]{22,255}`,
    String.raw`\bxox[abeprs]-[A-Za-z0-9-]{10,255}`, // Slack
    String.raw`\bAIza[A-Za-z0-9_-]{35}`, // Google
    String.raw`(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{10,2000}`, // JSON Web Tokens
    String.raw`\b[Bb]earer [A-Za-z0-9._~+/-]{16,4096}=*`,
    String.raw`-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[A-Za-z0-9+/=\s\\]{16,16000}-----END [A-Z ]{0,40}PRIVATE KEY-----`,
  ].join('|'),
  'g',
);

/** Finds at least one of the fixed beginnings; most texts have none and are done after this one scan. */
const SECRET_HINT = /sk-|AKIA|ASIA|gh[pousr]_|github_pat_|xox|AIza|eyJ|earer |PRIVATE KEY/;

/** No secret that is looked for fits into less; of those that betray themselves, none into less than this. */
const MIN_TEXT_LENGTH = 7;
const MIN_SECRET_LENGTH = 15;
/** Names that are remembered: those that programs use, not all that data may bring. */
const MAX_VERDICTS = 10_000;

/** Replaces secrets in plain data: entries by name, and parts of texts by shape. Returns the same object when clean. */
export type Redact = <V>(value: V) => V;

/** A redactor for the built-in names and those given; the comparison ignores case, `_`, `-` and spaces. */
export function createRedactor(moreKeys: readonly string[] = []): Redact {
  const keys = new Set([...SECRET_KEYS, ...moreKeys.map(canonical)]);
  // Names repeat from event to event, so the canonical form is computed once for each.
  const verdicts: Record<string, boolean> = Object.create(null);
  let verdictCount = 0;

  function isSecretKey(key: string): boolean {
    const known = verdicts[key];
    if (known !== undefined) return known;
    const verdict = isSecretName(canonical(key));
    if (verdictCount++ < MAX_VERDICTS) verdicts[key] = verdict;
    return verdict;
  }

  function isSecretName(name: string): boolean {
    return keys.has(name) || SECRET_ENDINGS.some((ending) => name.endsWith(ending));
  }

  /** Tool calls carry their arguments as JSON text, and logs the requests that they are about. */
  function redactText(text: string): string {
    if (text.length < MIN_TEXT_LENGTH) return text;
    const isSuspicious = text.length >= MIN_SECRET_LENGTH && SECRET_HINT.test(text);
    const clean = isSuspicious ? text.replace(SECRET_VALUES, REDACTED) : text;
    return clean.includes('"') ? hideJsonEntries(clean, isSecretKey, REDACTED) : clean;
  }

  function redactRecord(record: Record<string, unknown>): Record<string, unknown> {
    let copy: Record<string, unknown> | undefined;
    for (const key in record) {
      const entry = record[key];
      const clean = isSecretKey(key) ? hide(entry) : redact(entry);
      if (clean === entry) continue;
      copy ??= { ...record };
      copy[key] = clean;
    }
    return copy ?? record;
  }

  function redactList(list: unknown[]): unknown[] {
    let copy: unknown[] | undefined;
    for (let i = 0; i < list.length; i++) {
      const clean = redact(list[i]);
      if (clean === list[i]) continue;
      copy ??= [...list];
      copy[i] = clean;
    }
    return copy ?? list;
  }

  function redact(value: unknown): unknown {
    if (typeof value === 'string') return redactText(value);
    if (typeof value !== 'object' || value === null || value instanceof Date) return value;
    return Array.isArray(value) ? redactList(value) : redactRecord(value as Record<string, unknown>);
  }

  return redact as Redact;
}

/**
 * A redactor that looks through each object once, for objects that nobody changes: the fields of a span are the same
 * objects in each of its events.
 */
export function remembering(redact: Redact): Redact {
  /** A note in a private field of the object itself. A WeakMap says the same, but costs more than a small value. */
  class Note extends Given {
    readonly #clean: unknown;

    constructor(holder: object, clean: unknown) {
      super(holder);
      this.#clean = clean;
    }

    static of(holder: object): unknown {
      return #clean in holder ? holder.#clean : undefined;
    }
  }

  return (value) => {
    if (typeof value !== 'object' || value === null) return redact(value);
    const before = Note.of(value);
    if (before !== undefined) return before as typeof value;
    const clean = redact(value);
    if (Object.isExtensible(value)) new Note(value, clean);
    return clean;
  };
}

/** Constructs what it is given, so that the private fields of a class below it are added to that. */
class Given {
  constructor(holder: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is how a private field gets onto an object made elsewhere
    return holder;
  }
}

/** A flag and nothing are no secrets. */
function hide(value: unknown): unknown {
  return typeof value === 'boolean' || value === null || value === '' ? value : REDACTED;
}

function canonical(key: string): string {
  return key.toLowerCase().replace(/[_\- ]/g, '');
}
