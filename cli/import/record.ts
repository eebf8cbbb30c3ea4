import { isTooDeep, MAX_DEPTH } from './depth.ts';
import type { ImportProblem } from './importer.ts';
import type { JsonDocument } from './json-text.ts';

/** A JSON object of a file, not yet trusted. */
export type RawRecord = Record<string, unknown>;

/** Why one record is left out. `at` is the path inside the record. */
export class BadRecord extends Error {
  readonly at: string;

  constructor(at: string, message: string) {
    super(message);
    this.at = at;
  }
}

/** A record and its place in the file. */
export interface Located {
  record: RawRecord;
  /** JSON pointer. */
  pointer: string;
}

/** Walks a document and keeps account of what could not be taken. */
export class RecordWalk {
  readonly #document: JsonDocument;
  readonly #problems: ImportProblem[];

  constructor(document: JsonDocument, problems: ImportProblem[]) {
    this.#document = document;
    this.#problems = problems;
    const { failure } = document;
    if (failure) this.#report('OBS_IMPORT_FORMAT', failure.position, failure.message);
  }

  /** The objects in a list of `holder`. An absent list is empty; what is no object is reported. */
  *list(holder: RawRecord, key: string, pointer: string): Generator<Located> {
    const list = holder[key] ?? [];
    if (!Array.isArray(list)) return this.refuse(`${pointer}/${key}`, 'a list was expected');
    for (const [index, record] of list.entries()) {
      const at = `${pointer}/${key}/${index}`;
      if (isRecord(record)) yield { record, pointer: at };
      else this.refuse(at, 'an object was expected');
    }
  }

  /** What `make` makes of a record; undefined, with a problem reported, when it is cut, too deep or refused. */
  take<T>({ record, pointer }: Located, make: (record: RawRecord) => T): T | undefined {
    // The failure of the document already tells of a record that it cut in two.
    if (this.#document.isCut(record)) return undefined;
    try {
      if (isTooDeep(record)) throw new BadRecord('', `nested deeper than ${MAX_DEPTH} levels`);
      return make(record);
    } catch (error) {
      if (!(error instanceof BadRecord)) throw error;
      this.refuse(pointer + error.at, error.message);
      return undefined;
    }
  }

  /** Reports a record that is left out. */
  refuse(pointer: string, message: string): void {
    const { line } = this.#document;
    this.#report('OBS_IMPORT_RECORD', line === undefined ? pointer : `line ${line} ${pointer}`, message);
  }

  /** Reports a document that is not of the expected form. */
  refuseDocument(message: string): void {
    if (this.#document.failure) return;
    this.#report('OBS_IMPORT_FORMAT', `line ${this.#document.line ?? 1}, column 1`, message);
  }

  #report(code: ImportProblem['code'], position: string, message: string): void {
    this.#problems.push({ code, position, message });
  }
}

/** True for a JSON object. */
export function isRecord(value: unknown): value is RawRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object under a key; an empty one when there is none. */
export function recordOf(holder: RawRecord, key: string): RawRecord {
  const value = holder[key];
  return isRecord(value) ? value : {};
}

/** The text under a key; undefined when there is none or it is empty. */
export function textOf(holder: RawRecord, key: string): string | undefined {
  const value = holder[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The text under a key. Without one the record is left out. */
export function requiredText(holder: RawRecord, key: string): string {
  const text = textOf(holder, key);
  if (text === undefined) throw new BadRecord(`/${key}`, `a text was expected, got ${shown(holder[key])}`);
  return text;
}

/** A value for a message, in a few characters. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** A copy without the entries that say nothing: undefined, null, empty texts, lists and objects. */
export function meaningful(record: RawRecord): RawRecord {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => !isEmpty(value)));
}

/** The record under `key`, or nothing when it is empty: for spreading into an object. */
export function unlessEmpty<K extends string>(key: K, record: RawRecord): Partial<Record<K, RawRecord>> {
  return Object.keys(record).length === 0 ? {} : ({ [key]: record } as Record<K, RawRecord>);
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
