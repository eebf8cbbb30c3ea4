/** What could be read of a broken JSON text. */
export interface Salvage {
  /** Undefined when not even a first value began. */
  value: unknown;
  /** Where the text stops being JSON. */
  offset: number;
  message: string;
  /** The objects and arrays that the error cut in two; everything else in `value` is complete. */
  cut: ReadonlySet<unknown>;
}

type Container = unknown[] | Record<string, unknown>;
type State = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'comma-or-end' | 'done';

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const SPACE = /[ \t\r\n]*/y;

/** Reads a JSON text that `JSON.parse` refused, up to its first error. Never throws, whatever the depth. */
export function salvageJson(text: string): Salvage {
  const reader = new SalvageReader(text);
  const message = reader.read();
  return { value: reader.root, offset: reader.offset, message, cut: new Set(reader.open) };
}

/** The offset after the closing quote of the string that starts at `start`; -1 when it is not closed. */
export function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return -1;
}

/** A JSON reader with a stack of its own; what is on the stack when it stops was cut. */
class SalvageReader {
  root: unknown;
  offset = 0;
  readonly open: Container[] = [];
  readonly #text: string;
  readonly #keys: string[] = [];
  #state: State = 'value';

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads until the error and says what it is. */
  read(): string {
    for (;;) {
      this.#match(SPACE);
      const char = this.#text[this.offset];
      if (char !== undefined && this.#step(char)) continue;
      if (this.offset < this.#text.length) return `unexpected ${JSON.stringify(char)}`;
      return this.#state === 'done' ? 'nothing is wrong' : 'the text ends too early';
    }
  }

  #step(char: string): boolean {
    if (this.#isEnd(char)) return this.#close();
    switch (this.#state) {
      case 'comma-or-end':
        return char === ',' && this.#skip(Array.isArray(this.open.at(-1)) ? 'value' : 'key');
      case 'key':
      case 'key-or-end':
        return this.#key(char);
      case 'value':
      case 'value-or-end':
        return this.#value(char);
      default:
        return false;
    }
  }

  #isEnd(char: string): boolean {
    if (!this.#state.endsWith('-end')) return false;
    return char === (Array.isArray(this.open.at(-1)) ? ']' : '}');
  }

  #skip(next: State): boolean {
    this.offset++;
    this.#state = next;
    return true;
  }

  #close(): boolean {
    this.open.pop();
    this.#keys.pop();
    return this.#skip(this.open.length === 0 ? 'done' : 'comma-or-end');
  }

  #key(char: string): boolean {
    const key = char === '"' ? this.#string() : undefined;
    if (key === undefined) return false;
    this.#match(SPACE);
    this.#keys[this.open.length - 1] = key;
    return this.#text[this.offset] === ':' && this.#skip('value');
  }

  #value(char: string): boolean {
    if (char === '{') return this.#begin({}, 'key-or-end');
    if (char === '[') return this.#begin([], 'value-or-end');
    const value = char === '"' ? this.#string() : this.#literal();
    if (value === undefined) return false;
    this.#attach(value);
    this.#state = this.open.length === 0 ? 'done' : 'comma-or-end';
    return true;
  }

  #begin(container: Container, next: State): boolean {
    this.#attach(container);
    this.open.push(container);
    return this.#skip(next);
  }

  #attach(value: unknown): void {
    const holder = this.open.at(-1);
    if (holder === undefined) this.root = value;
    else if (Array.isArray(holder)) holder.push(value);
    else {
      const key = this.#keys[this.open.length - 1]!;
      // Not an assignment: that would set the prototype for the key `__proto__`.
      Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
    }
  }

  #string(): string | undefined {
    const end = endOfString(this.#text, this.offset);
    if (end === -1) {
      this.offset = this.#text.length;
      return undefined;
    }
    try {
      const value = JSON.parse(this.#text.slice(this.offset, end)) as string;
      this.offset = end;
      return value;
    } catch {
      return undefined;
    }
  }

  #literal(): unknown {
    const token = this.#match(NUMBER) || this.#match(WORD);
    return token === '' ? undefined : JSON.parse(token);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.offset;
    const token = pattern.exec(this.#text)?.[0] ?? '';
    this.offset += token.length;
    return token;
  }
}
