import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { careCommands } from './commands/care.ts';
import { configCommands } from './commands/config.ts';
import { lookCommands } from './commands/look.ts';
import type { Does } from './commands/options.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

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
    .description('Looks at the config of obs-kit and at what it stored, and takes care of it.')
    .version(version(), '-V, --version')
    .exitOverride()
    .configureHelp({ subcommandTerm, visibleCommands })
    .configureOutput({ outputError: (text, write) => write(usageMessage(text)) })
    .addHelpText('after', EXIT_CODES);
  /** commander passes the arguments, then the options, then the command. */
  const does: Does =
    (load) =>
    async (...passed) => {
      const run = await load();
      finish(await run(passed.at(-2) as never, ...(passed.slice(0, -2) as never[])));
    };
  for (const define of [configCommands, lookCommands, careCommands]) define(program, does);
  return program;
}

/** A command in the list of all: its own help shows that it has options. */
function subcommandTerm(command: Command): string {
  const names = command.registeredArguments.map((argument) => {
    const name = argument.name() + (argument.variadic ? '...' : '');
    return argument.required ? ` <${name}>` : ` [${name}]`;
  });
  return command.name() + names.join('');
}

/** All but `help`, which the options tell of. */
function visibleCommands(command: Command): Command[] {
  return [...command.commands];
}

const EXIT_CODES = `
Exit codes: 0 ok, 1 problem found, 2 usage, 3 config invalid, 4 store busy,
            5 not found.
Data goes to stdout, messages to stderr.`;

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
