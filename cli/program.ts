import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { traceFilterOptions } from './trace-filters.ts';

/** What a command does: the parsed arguments and options in, the exit code out. */
type Run = (options: never, ...args: never[]) => Promise<ExitCode>;

/**
 * Runs one command line and gives the exit code. A command's code, and with it the host and the stores, is loaded
 * only when that command runs.
 */
export async function runCli(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.ok;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { reportFailure } = await import('./failure.ts');
    return reportFailure(error);
  }
}

function createProgram(finish: (exitCode: ExitCode) => void): Command {
  const program = new Command('obs')
    .description('Looks at the config, the plugins and the stored traces of obs-kit.')
    .version(version(), '-V, --version')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(usageMessage(text)) })
    .addHelpText('after', EXIT_CODES);
  /** commander passes the arguments, then the options, then the command. */
  const does: Does =
    (load) =>
    async (...passed) => {
      const run = await load();
      finish(await run(passed.at(-2) as never, ...(passed.slice(0, -2) as never[])));
    };
  for (const define of [check, explain, plugins, traces, trace, importFiles]) define(program, does);
  return program;
}

/** Makes what commander calls out of what loads a command. */
type Does = (load: () => Promise<Run>) => (...passed: unknown[]) => Promise<void>;

function check(program: Command, does: Does): void {
  command(program, 'check', 'Check the config; nothing is started.')
    .addOption(environment())
    .addOption(new Option('--all', 'every environment of the config').conflicts('env'))
    .action(does(async () => (await import('./check.ts')).check));
}

function explain(program: Command, does: Does): void {
  command(program, 'explain', 'Show where the values of the config come from.')
    .argument('[key]', 'key, part of a key or prefix; default: all that differ from the defaults')
    .addOption(environment())
    .option('--all', 'without a key: the defaults too')
    .action(does(async () => (await import('./explain.ts')).explain));
}

function plugins(program: Command, does: Does): void {
  command(program, 'plugins', 'List the plugin entries: signals, strategies, and why one is off.')
    .addOption(environment())
    .action(does(async () => (await import('./plugins.ts')).plugins));
}

function traces(program: Command, does: Does): void {
  const list = command(program, 'traces', 'List stored traces, newest first.');
  for (const option of traceFilterOptions()) list.addOption(option);
  list
    .option('--limit <n>', 'traces on a page', wholeNumber(1, 1000), 20)
    .option('--page <n>', 'page, from 1', wholeNumber(1), 1)
    .addOption(new Option('--sort <time>', 'which time').choices(['started', 'ended']).default('started'))
    .option('--asc', 'oldest first')
    .addOption(store())
    .action(does(async () => (await import('./traces.ts')).traces));
}

function trace(program: Command, does: Does): void {
  command(program, 'trace', 'Show one trace as tree and waterfall.')
    .argument('<id>', 'trace id, the beginning of one, or: last')
    .option('--span <id>', 'one span in full: its id or the beginning of it')
    .addOption(store())
    .action(does(async () => (await import('./trace.ts')).trace));
}

function importFiles(program: Command, does: Does): void {
  const format = new Option('--from <format>', 'what is in them').choices(['otlp', 'langfuse']);
  const keys = (text: string) => text.split(',').map((key) => key.trim());
  command(program, 'import', 'Import files through the host; importing twice changes nothing.')
    .argument('<files...>', 'files to read; - is stdin')
    .addOption(format.makeOptionMandatory())
    .option('--to <keys>', 'plugin entries that get it beside the stores, with commas', keys)
    .action(does(async () => (await import('./import.ts')).importFiles));
}

function command(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--json', 'JSON lines; the default when stdout is no terminal')
    .option('--no-json', 'text for people, wherever stdout goes');
}

const environment = () =>
  new Option('--env <name>', 'environment; default: OBS_ENV, NODE_ENV or development');
const store = () => new Option('--store <key>', 'entry of the store; default: the first one');

const EXIT_CODES = `
Exit codes: 0 ok, 1 problem found, 2 usage, 3 config invalid, 4 store busy, 5 not found.
Data goes to stdout, messages to stderr.`;

function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER) {
  return (text: string): number => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`A whole number from ${min}${max < 1e6 ? ` to ${max}` : ''} is needed.`);
  };
}

/** commander's message in the form of all our errors. */
function usageMessage(text: string): string {
  const [what = '', suggestion] = text
    .replace(/^error: /, '')
    .replace(/[^\P{Cc}\n]/gu, '')
    .trim()
    .split('\n');
  const hint = suggestion?.replace(/^\(|\)$/g, '') ?? 'Run `obs --help`, or `obs <command> --help`.';
  return `OBS_CLI_USAGE: ${what}\nhint: ${hint}\n`;
}

function version(): string {
  const manifest = readFileSync(new URL(import.meta.resolve('obs-kit/package.json')), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
