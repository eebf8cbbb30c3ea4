import {
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  truncateSync,
} from 'node:fs';
import { basename } from 'node:path';
import { type HealthProblem, messageOf } from '../../../core/index.ts';
import { bytesOf, inMegabytes, logsOf, syncFile } from './place.ts';

/** Attempts to find the sound beginning of a log; after these it is left out. */
const MAX_LOG_TRIES = 4;
const MAX_TRIES = 8;

/** Where DuckDB writes its mark into a database file. */
const MAGIC_AT = 8;
const MAGIC = Buffer.from('DUCK');
/** The first block, which holds the mark. */
const HEADER_BYTES = 4_096;
/** How a log begins: with an entry of the kind "version". */
const LOG_HEAD = Buffer.from([0x64, 0x00, 0x62]);
/** Of a file that a power cut left blank only the name says whose it was. */
const OUR_NAME = 'obs.duckdb';

/** What DuckDB says of a file that is damaged. */
const DAMAGE = /corrupt|could not read enough bytes|not a valid DuckDB|deserializ|checksum|INTERNAL Error/i;
/** Reasons that pass, or that are none of ours. */
const PASSES = /out of memory|no space|permission denied|too many open|could not set lock|version number/i;
const LOG_DAMAGE = /while replaying WAL|log whose beginning is damaged/i;
const LOG_POSITION = /byte position (\d+)/;

/**
 * Mends what keeps a database from being opened, without destroying anything: of a broken log the sound beginning is
 * kept, a broken file that is ours makes place for a new one, and what was there is set aside under another name.
 */
export class Repairs {
  readonly #path: string;
  readonly #problems = new Map<string, HealthProblem>();
  /** The whole logs under their new names, by log. */
  readonly #asideOf = new Map<string, string>();
  #tries = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** What was damaged and what became of it, to be told loudly. */
  get problems(): HealthProblem[] {
    return [...this.#problems.values()];
  }

  /** Mends what the error says; false when nothing can be done. @throws Error of the file system. */
  mend(error: unknown): boolean {
    const message = messageOf(error);
    if (++this.#tries > MAX_TRIES || PASSES.test(message)) return false;
    if (LOG_DAMAGE.test(message)) this.#mendLog(message);
    else if (DAMAGE.test(message) && isOurs(this.#path)) this.#setFileAside(message);
    else return false;
    return true;
  }

  /** Logs without their database belong to one that was removed: they must not be read into a new one. */
  setStrayLogsAside(): void {
    for (const log of logsOf(this.#path)) {
      if (!existsSync(log)) continue;
      const aside = brokenName(log);
      renameSync(log, aside);
      this.#problems.set(log, logProblem(log, aside, 0, 'its database file is missing'));
    }
  }

  #mendLog(message: string): void {
    const log = logsOf(this.#path).findLast((name) => message.includes(`"${name}"`)) ?? logsOf(this.#path)[0];
    const aside = this.#asideOf.get(log) ?? brokenName(log);
    // It gets its second name before it loses the first: should this be cut short, it is still there.
    if (!this.#asideOf.has(log)) linkSync(log, aside);
    this.#asideOf.set(log, aside);
    const position = Number(LOG_POSITION.exec(message)?.[1] ?? 0);
    const soundBytes = this.#tries < MAX_LOG_TRIES && position < bytesOf(log) ? position : 0;
    if (soundBytes > 0) replaceByBeginning(log, soundBytes);
    else rmSync(log);
    this.#problems.set(log, logProblem(log, aside, soundBytes, message));
  }

  #setFileAside(message: string): void {
    const path = this.#path;
    const aside = brokenName(path);
    const size = inMegabytes(bytesOf(path));
    // The logs first: without its file nobody takes one for the log of the new file.
    for (const log of logsOf(path)) if (existsSync(log)) renameSync(log, aside + log.slice(path.length));
    renameSync(path, aside);
    this.#problems.set(path, {
      code: 'OBS_STORE_CORRUPT',
      message: `${path} (${size}) cannot be read, so a new file was begun: ${message}`,
      hint: `The damaged file is kept as ${aside}; delete it when nobody needs it.`,
    });
  }
}

/** @throws Error for a log that DuckDB would pass over in silence, and then append to: it does not begin as one. */
export function mustBeginSoundly(path: string): void {
  for (const log of logsOf(path)) {
    const head = existsSync(log) ? read(log, LOG_HEAD.length) : Buffer.alloc(0);
    if (!head.equals(LOG_HEAD.subarray(0, head.length))) {
      throw new Error(`"${log}" is a log whose beginning is damaged`);
    }
  }
}

/** True for the name of something that was set aside beside the database at `path`. */
export function isSetAside(path: string, name: string): boolean {
  return name.startsWith(`${basename(path)}.`) && name.includes('.broken-');
}

function logProblem(log: string, aside: string, soundBytes: number, message: string): HealthProblem {
  const read = `${soundBytes} of its ${bytesOf(aside)} bytes were read back`;
  return {
    code: 'OBS_STORE_CORRUPT',
    message: `${log} was damaged; ${read}: ${message}`,
    hint: `What was written last may be missing. The damaged log is kept as ${aside}; delete it when nobody needs it.`,
  };
}

/** Replaces a log at once by a copy of its beginning; the log itself stays whole under its other name. */
function replaceByBeginning(log: string, bytes: number): void {
  const copy = `${log}.salvage`;
  copyFileSync(log, copy);
  truncateSync(copy, bytes);
  syncFile(copy);
  renameSync(copy, log);
}

function isOurs(path: string): boolean {
  const header = read(path, HEADER_BYTES);
  if (header.subarray(MAGIC_AT, MAGIC_AT + MAGIC.length).equals(MAGIC)) return true;
  return basename(path) === OUR_NAME && header.every((byte) => byte === 0);
}

function read(path: string, length: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, 0));
  } finally {
    closeSync(file);
  }
}

/** A name that is not taken. */
function brokenName(path: string): string {
  const name = `${path}.broken-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? name : `${name}-${n}`;
    if (!existsSync(candidate)) return candidate;
  }
}
