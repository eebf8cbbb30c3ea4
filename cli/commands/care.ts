import { type Command, Option } from 'commander';
import { exportOptions } from '../event-filters.ts';
import { ALL_SIGNALS, add, command, type Does, environment, store, words, wordsOf } from './options.ts';

/** The commands that bring data in and out, and those that take care of a store. */
export function careCommands(program: Command, does: Does): void {
  program.commandsGroup('Bring in, bring out:');
  importFiles(program, does);
  exportAll(program, does);
  program.commandsGroup('Take care of a store:');
  care(program, does);
}

function importFiles(program: Command, does: Does): void {
  const format = new Option('--from <format>', 'what is in them').choices(['otlp', 'langfuse', 'jsonl']);
  command(program, 'import', 'Import files through the host; twice changes nothing.')
    .argument('<files...>', 'files to read; - is stdin')
    .addOption(format.makeOptionMandatory())
    .option('--to <keys>', 'plugin entries that get it beside the stores, with commas', words)
    .action(does(async () => (await import('../import.ts')).importFiles));
}

function exportAll(program: Command, does: Does): void {
  const format = new Option(
    '--format <format>',
    'jsonl: events; otlp: OTLP/JSON lines; parquet: a file for each signal',
  );
  const run = command(program, 'export', 'Write what is stored, whole traces, oldest first.');
  run
    .addOption(format.choices(['jsonl', 'otlp', 'parquet']).default('jsonl'))
    .option('--out <path>', 'file, or directory of parquet files; default: stdout')
    .option('--signals <list>', 'some of the signals, with commas; default: all', wordsOf(ALL_SIGNALS));
  add(run, [...exportOptions(), store()]).action(does(async () => (await import('../export.ts')).exportAll));
}

const DOCTOR_EXAMPLE = `
Says for each plugin what it gets and why not: switched off and by whom, a missing variable, refused events, events
that wait on the disk. Nothing is sent without --probe. Ends with 1 where something is wrong, 3 where the config is.

Example: obs doctor --probe --env production`;

function care(program: Command, does: Does): void {
  command(program, 'doctor', 'Explain why nothing arrived, and look for damage.')
    .addOption(new Option('--probe', 'send one event, marked with obs.probe, through each exporter'))
    .addOption(environment())
    .addOption(new Option('--store <key>', 'look at this store and at nothing else'))
    .addHelpText('after', DOCTOR_EXAMPLE)
    .action(does(async () => (await import('../doctor.ts')).doctor));
  command(program, 'prune', 'Delete what the retention no longer wants.')
    .option('--dry-run', 'only say what would go')
    .addOption(store())
    .action(does(async () => (await import('../prune.ts')).prune));
  command(program, 'compact', 'Give the space of what was deleted back to the disk.')
    .addOption(store())
    .action(does(async () => (await import('../compact.ts')).compact));
  command(program, 'migrate', 'Bring what an older release wrote up to date.')
    .option('--dry-run', 'only say what would be done')
    .addOption(store())
    .action(does(async () => (await import('../migrate.ts')).migrate));
}
