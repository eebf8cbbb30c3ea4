/** What must never be repeated in an error. */
export interface Unspeakable {
  url: URL;
  headers: Headers;
  /** Further texts, such as a key that is part of the path. */
  secrets: readonly string[];
}

const MASK = '[secret]';
/** Shorter texts stand everywhere by chance; to hide them would only make errors unreadable. */
const MIN_LENGTH = 5;
/** Headers whose values are no secret and help to understand an answer. */
const PUBLIC = new Set(['accept', 'content-encoding', 'content-type', 'user-agent']);

/**
 * Makes a function that masks in a text every value of a header, the userinfo and query of the URL and the given
 * secrets: as they are, in JSON, in base64 and percent-encoded.
 */
export function createMask({ url, headers, secrets }: Unspeakable): (text: string) => string {
  const values = [...headers].filter(([name]) => !PUBLIC.has(name)).map(([, value]) => value);
  const inUrl = [url.username, url.password, url.search.slice(1), ...url.searchParams.values()];
  const forms = [...secrets, ...inUrl, ...values.flatMap(withoutScheme)]
    .flatMap(formsOf)
    .filter((form) => form.length >= MIN_LENGTH);
  // The longest first: one that holds another would otherwise leave its ends behind.
  const hidden = [...new Set([...secrets.filter(Boolean), ...forms])].sort((a, b) => b.length - a.length);
  return (text) => hidden.reduce((rest, secret) => rest.replaceAll(secret, MASK), text);
}

/** `Bearer abc` also without its first word, and what a Basic one holds. */
function withoutScheme(value: string): string[] {
  const [, scheme, token] = /^(\w+) (.+)$/.exec(value) ?? [];
  if (token === undefined) return [value];
  if (scheme?.toLowerCase() !== 'basic') return [value, token];
  const plain = Buffer.from(token, 'base64').toString();
  return [value, token, plain, ...plain.split(':')];
}

function formsOf(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64');
  const inJson = JSON.stringify(secret).slice(1, -1);
  const percentEncoded = encodeURIComponent(Buffer.from(secret).toString());
  return [secret, inJson, percentDecoded(secret), percentEncoded, base64, base64.replace(/=+$/, '')];
}

/** The text that a part of a URL stands for; itself where it is malformed. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
