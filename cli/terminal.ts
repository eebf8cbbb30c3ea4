import { printableJson } from '../core/index.ts';
import { wrapLines } from './render/wrap.ts';

/** Where a command writes: data to stdout, messages to stderr. */
export interface Terminal {
  /** True: data is written as JSON lines. */
  readonly isJson: boolean;
  /** Columns of stdout. */
  readonly width: number;
  /** Whether stdout takes colours. */
  readonly color: boolean;
  /** Writes text for people to stdout; it must have been made printable. */
  print(text: string): void;
  /** The same for sentences, which a terminal gets broken between words. */
  prose(text: string): void;
  /** Writes one value to stdout as a line of JSON. */
  json(value: unknown): void;
  /** Writes a message to stderr; it must have been made printable. */
  say(text: string): void;
}

const DEFAULT_WIDTH = 100;

/**
 * The terminal of this process. JSON is the form of stdout when it is no terminal; `--json` and `--no-json` decide
 * otherwise. `NO_COLOR` and `FORCE_COLOR` are honoured.
 */
export function createTerminal(json: boolean | undefined): Terminal {
  const { stdout, stderr, env } = process;
  // A reader that has had enough, such as `head`, is no failure: the command ends as it would have.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    isJson: json ?? !stdout.isTTY,
    width: stdout.columns || Number(env['COLUMNS']) || DEFAULT_WIDTH,
    color: hasColor(env, stdout.isTTY),
    print: (text) => void stdout.write(`${text}\n`),
    prose: (text) => void stdout.write(`${fitted(text, stdout)}\n`),
    json: (value) => void stdout.write(`${printableJson(JSON.stringify(value))}\n`),
    say: (text) => void stderr.write(`${fitted(text, stderr)}\n`),
  };
}

/** Sentences as a stream shows them best: what is no terminal gets each line whole. */
export function fitted(text: string, { isTTY, columns }: NodeJS.WriteStream): string {
  return isTTY && columns > 0 ? wrapLines(text, columns) : text;
}

function hasColor(env: NodeJS.ProcessEnv, isTerminal: boolean): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0';
  return isTerminal && env['TERM'] !== 'dumb';
}
