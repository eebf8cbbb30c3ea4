import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ExitCode } from '../exit-codes.ts';
import { ageOf } from '../filters.ts';

/** What a command does: the parsed options and arguments in, the exit code out. */
export type Run = (options: never, ...args: never[]) => Promise<ExitCode>;

/** Makes what commander calls out of what loads a command. */
export type Does = (load: () => Promise<Run>) => (...passed: unknown[]) => Promise<void>;

/** Adds a command with the options that all have. */
export function command(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--json', 'JSON lines; the default when stdout is no terminal')
    .option('--no-json', 'text for people, wherever stdout goes');
}

/** Adds options to a command. */
export function add(to: Command, options: readonly Option[]): Command {
  for (const option of options) to.addOption(option);
  return to;
}

/** `--env`. */
export function environment(): Option {
  return new Option('--env <name>', 'environment; default: OBS_ENV, NODE_ENV or development');
}

/** `--store`. */
export function store(): Option {
  return new Option('--store <key>', 'entry of the store; default: the first one');
}

/** What pages through a list: `--limit`, `--page`, `--asc`, and where the list is. */
export function pages(what: string): Option[] {
  return [
    new Option('--limit <n>', `${what} on a page`).argParser(wholeNumber(1, 1_000)).default(20),
    new Option('--page <n>', 'page, from 1').argParser(wholeNumber(1)).default(1),
    new Option('--asc', 'oldest first'),
    store(),
  ];
}

/** Reads a whole number. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER) {
  return (text: string): number => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`A whole number from ${min}${max < 1e6 ? ` to ${max}` : ''} is needed.`);
  };
}

/** Reads words with commas between them. */
export function words(text: string): string[] {
  return text.split(',').map((word) => word.trim());
}

/** Reads some of the words that are known, with commas between them. */
export function wordsOf<W extends string>(known: readonly W[]) {
  return (text: string): W[] => {
    const given = words(text) as W[];
    const unknown = given.find((word) => !known.includes(word));
    if (unknown === undefined) return given;
    throw new InvalidArgumentError(`Allowed choices are ${known.join(', ')}.`);
  };
}

/** Reads numbers between 0 and 1 with commas between them. */
export function fractions(text: string): number[] {
  const given = words(text).map((word) => (word === '' ? Number.NaN : Number(word)));
  if (given.every((number) => number >= 0 && number <= 1)) return given;
  throw new InvalidArgumentError('Numbers between 0 and 1 are needed, such as 0.5,0.99.');
}

/** Reads the length of an interval, which stays as it was typed. */
export function interval(text: string): string {
  if (/^[1-9]\d{0,5}[smhd]$/.test(text)) return text;
  throw new InvalidArgumentError('A time such as 30s, 5m, 1h or 1d is needed.');
}

/** Reads a time span such as `30s` as milliseconds. */
export function span(text: string): number {
  const ms = ageOf(text);
  if (ms === undefined || ms < 1) throw new InvalidArgumentError('A time such as 30s or 5m is needed.');
  return Math.round(ms);
}

/** All signals. A list of its own: the help must not load the host. */
export const ALL_SIGNALS = ['tracing', 'metrics', 'logs', 'scores', 'feedback'] as const;
