import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { messageOf, type ObservabilityEvent } from '../core/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { Imported, Importer } from './import/importer.ts';
import { importJsonl } from './import/jsonl.ts';
import { importLangfuse } from './import/langfuse.ts';
import { importOtlp } from './import/otlp.ts';
import { type FileProblem, reportFile, reportPlugins } from './import-report.ts';
import { type Intake, openIntake } from './intake.ts';
import { createProgress } from './render/progress.ts';
import { createTerminal } from './terminal.ts';

/** The options of `obs import`. */
export interface ImportOptions {
  from: 'otlp' | 'langfuse' | 'jsonl';
  to?: string[];
  json?: boolean;
}

const IMPORTERS: Record<ImportOptions['from'], Importer> = {
  otlp: importOtlp,
  langfuse: importLangfuse,
  jsonl: importJsonl,
};

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
    const accepted = await ingest(imported.events, intake);
    isClean &&= problems.length === 0 && accepted === imported.events.length;
    reportFile({ file, imported, problems, accepted }, terminal);
  }
  return reportPlugins(await intake.finish(), terminal) && isClean ? EXIT.ok : EXIT.problem;
}

/** Events handed in between two looks at how far it has come. */
const AT_A_TIME = 1_000;

async function ingest(events: readonly ObservabilityEvent[], intake: Intake): Promise<number> {
  const progress = createProgress('importing');
  let accepted = 0;
  for (let done = 0; done < events.length; done += AT_A_TIME) {
    progress.at(done, events.length);
    accepted += await intake.ingest(events.slice(done, done + AT_A_TIME));
  }
  progress.end();
  return accepted;
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
