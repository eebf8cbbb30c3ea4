import { type Command, Option } from 'commander';
import { command, type Does, environment } from './options.ts';

/** The commands that look at the config. */
export function configCommands(program: Command, does: Does): void {
  program.commandsGroup('Look at the config:');
  command(program, 'check', 'Check the config; nothing is started.')
    .addOption(environment())
    .addOption(new Option('--all', 'every environment of the config').conflicts('env'))
    .action(does(async () => (await import('../check.ts')).check));
  command(program, 'explain', 'Show where the values of the config come from.')
    .argument('[key]', 'key, part of a key or prefix; default: all that differ from the defaults')
    .addOption(environment())
    .option('--all', 'without a key: the defaults too')
    .action(does(async () => (await import('../explain.ts')).explain));
  command(program, 'plugins', 'List plugin entries: signals, strategies, why one is off.')
    .addOption(environment())
    .action(does(async () => (await import('../plugins.ts')).plugins));
  program
    .command('schema')
    .description('Print the JSON Schema of the config, or of the options of a plugin.')
    .argument('[plugin]', 'name of a plugin; default: the whole config')
    .action(does(async () => (await import('../schema.ts')).schema));
}
