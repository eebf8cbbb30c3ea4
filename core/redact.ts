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

const JSON_TEXT = /^\s*[[{]/;
const JSON_ENTRY = /"([A-Za-z0-9_-]{2,40})"\s*:\s*"(?:[^"\\]|\\.)+"/g;

/** Replaces secrets in plain data: entries by name, and parts of texts by shape. Returns the same object when clean. */
export type Redact = <V>(value: V) => V;

/** A redactor for the built-in names and those given; the comparison ignores case, `_` and `-`. */
export function createRedactor(moreKeys: readonly string[] = []): Redact {
  const keys = new Set([...SECRET_KEYS, ...moreKeys.map(canonical)]);
  // Names repeat from event to event, so the canonical form is computed once for each.
  const verdicts = new Map<string, boolean>();
  // The fields of a span are the same objects in each of its events.
  const done = new WeakMap<object, unknown>();

  function isSecretKey(key: string): boolean {
    let verdict = verdicts.get(key);
    if (verdict === undefined) {
      verdict = keys.has(canonical(key));
      if (verdicts.size < 10_000) verdicts.set(key, verdict);
    }
    return verdict;
  }

  /** Tool calls carry their arguments as JSON text. */
  function redactText(text: string): string {
    const clean = SECRET_HINT.test(text) ? text.replace(SECRET_VALUES, REDACTED) : text;
    if (!JSON_TEXT.test(clean)) return clean;
    return clean.replace(JSON_ENTRY, (entry, name: string) =>
      isSecretKey(name) ? `"${name}":"${REDACTED}"` : entry,
    );
  }

  function redactObject(value: object): unknown {
    let copy: Record<string, unknown> | unknown[] | undefined;
    for (const [key, entry] of Object.entries(value)) {
      const clean = !Array.isArray(value) && isSecretKey(key) ? hide(entry) : redact(entry);
      if (clean === entry) continue;
      copy ??= Array.isArray(value) ? [...value] : { ...value };
      (copy as Record<string, unknown>)[key] = clean;
    }
    return copy ?? value;
  }

  function redact(value: unknown): unknown {
    if (typeof value === 'string') return redactText(value);
    if (typeof value !== 'object' || value === null || value instanceof Date) return value;
    const before = done.get(value);
    if (before !== undefined) return before;
    const clean = redactObject(value);
    done.set(value, clean);
    return clean;
  }

  return redact as Redact;
}

/** A flag and nothing are no secrets. */
function hide(value: unknown): unknown {
  return typeof value === 'boolean' || value === null || value === '' ? value : REDACTED;
}

function canonical(key: string): string {
  return key.toLowerCase().replace(/[_\- ]/g, '');
}
