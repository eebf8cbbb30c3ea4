import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { messageOf } from '../core/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Imported, Importer } from './import/importer.ts';
import { importLangfuse } from './import/langfuse.ts';
import { importOtlp } from './import/otlp.ts';
import { type FileProblem, reportFile, reportPlugins } from './import-report.ts';
import { openIntake } from './intake.ts';
import { createTerminal } from './terminal.ts';

/** The options of `obs import`. */
export interface ImportOptions {
  from: 'otlp' | 'langfuse';
  to?: string[];
  json?: boolean;
}

const IMPORTERS: Record<ImportOptions['from'], Importer> = { otlp: importOtlp, langfuse: importLangfuse };

/** Reads the files one by one and hands what is in them to the host. What is bad in one holds up no other. */
export async function importFiles(
  { from, to = [], json }: ImportOptions,
  files: string[],
): Promise<ExitCode> {
  const terminal = createTerminal(json);
  const intake = await openIntake(to);
  let isClean = true;
  for (const file of files) {
    const { imported, problems } = await read(file, IMPORTERS[from]);
    const accepted = await intake.ingest(imported.events);
    isClean &&= problems.length === 0 && accepted === imported.events.length;
    reportFile({ file, imported, problems, accepted }, terminal);
  }
  return reportPlugins(await intake.finish(), terminal) && isClean ? EXIT.ok : EXIT.problem;
}

async function read(
  file: string,
  importer: Importer,
): Promise<{ imported: Imported; problems: FileProblem[] }> {
  let text: string;
  try {
    text = file === '-' ? await readAll(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    const problem: FileProblem = { code: 'OBS_IMPORT_READ', position: '', message: messageOf(error) };
    return { imported: { events: [], problems: [] }, problems: [problem] };
  }
  const imported = importer(text);
  return { imported, problems: imported.problems };
}
