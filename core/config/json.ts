import type { Path } from './path.ts';

/** A place in a text; both start at 1. */
export interface Position {
  line: number;
  column: number;
}

/** Where the value at a path is written; undefined where nothing is known about it. */
export type Locate = (path: Path) => Position | undefined;

/** What is in a JSON text, with the places of what is wrong in it. */
export interface ParsedJson {
  /** Undefined when there is a fault. */
  value: unknown;
  /** Where the value at a path is: at its key, or for an entry of a list at the value; else what holds it. */
  locate: Locate;
  /** Keys that an object has twice; the last one is in `value`. */
  duplicates: { path: Path; position: Position }[];
  /** Where the text stops being JSON. The text itself is not repeated: it may hold secrets. */
  fault?: { message: string; position: Position };
}

const SPACE = /[ \t\n\r]*/y;
const TOKEN =
  /[{}[\],:]|"(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const LITERAL = /^(?:-?\d|true$|false$|null$)/;
/** Those below U+0020; the others are JSON. */
const CONTROL = /(?=\p{Cc})[^\u007f-\u009f]/u;
const MAX_DEPTH = 500;

/** Parses JSON; unlike `JSON.parse` it notices duplicate keys and always says where a fault is. Never throws. */
export function parseJson(source: string): ParsedJson {
  const text = source.replace(/^\uFEFF/, '');
  const reader = new Reader(text);
  try {
    reader.document();
    return { value: JSON.parse(text), duplicates: reader.duplicates, locate: reader.locate };
  } catch (error) {
    const fault = { message: (error as Error).message, position: reader.position() };
    return { value: undefined, duplicates: reader.duplicates, locate: reader.locate, fault };
  }
}

/** Walks over a text token by token; `JSON.parse` makes the values. */
class Reader {
  readonly duplicates: ParsedJson['duplicates'] = [];
  readonly #text: string;
  readonly #offsets = new Map<string, number>();
  /** Where the current token starts and ends. */
  #start = 0;
  #end = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value(this.#next(), []);
    if (this.#next() !== '') throw new SyntaxError('expected the end of the file');
  }

  position(offset = this.#start): Position {
    const lines = this.#text.slice(0, offset).split('\n');
    return { line: lines.length, column: lines.at(-1)!.length + 1 };
  }

  locate = (path: Path): Position | undefined => {
    for (let length = path.length; length > 0; length--) {
      const offset = this.#offsets.get(JSON.stringify(path.slice(0, length)));
      if (offset !== undefined) return this.position(offset);
    }
    return undefined;
  };

  #value(token: string, path: Path): void {
    if (path.length > MAX_DEPTH) throw new SyntaxError('nested too deeply');
    if (token === '{') this.#object(path);
    else if (token === '[') this.#list(path);
    else if (!isText(token) && !LITERAL.test(token)) throw new SyntaxError('expected a value');
  }

  #object(path: Path): void {
    const keys = new Set<string>();
    let token = this.#next();
    while (token !== '}' || keys.size > 0) {
      if (!isText(token)) throw new SyntaxError('expected a key in double quotes');
      const key: string = JSON.parse(token);
      const at = [...path, key];
      if (keys.has(key)) this.duplicates.push({ path: at, position: this.position() });
      keys.add(key);
      this.#offsets.set(JSON.stringify(at), this.#start);
      if (this.#next() !== ':') throw new SyntaxError('expected ":" after a key');
      this.#value(this.#next(), at);
      const after = this.#next();
      if (after === '}') return;
      if (after !== ',') throw new SyntaxError('expected "," or "}"');
      token = this.#next();
    }
  }

  #list(path: Path): void {
    let token = this.#next();
    for (let index = 0; token !== ']' || index > 0; index++) {
      this.#offsets.set(JSON.stringify([...path, `${index}`]), this.#start);
      this.#value(token, [...path, `${index}`]);
      const after = this.#next();
      if (after === ']') return;
      if (after !== ',') throw new SyntaxError('expected "," or "]"');
      token = this.#next();
    }
  }

  /** The next token; empty at the end of the text. */
  #next(): string {
    SPACE.lastIndex = this.#end;
    SPACE.test(this.#text);
    this.#start = SPACE.lastIndex;
    if (this.#start === this.#text.length) return '';
    TOKEN.lastIndex = this.#start;
    // What is no token is handed on as it is, to be refused by what was expected in its place.
    this.#end = TOKEN.test(this.#text) ? TOKEN.lastIndex : this.#start + 1;
    const token = this.#text.slice(this.#start, this.#end);
    if (CONTROL.test(token)) throw new SyntaxError('control character in a text');
    return token;
  }
}

/** A lone quote is the start of a text without an end. */
function isText(token: string): boolean {
  return token.startsWith('"') && token.length > 1;
}
