import { type HealthReport, printable } from '../core/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { bytes, count, counted, dateTime } from './render/amounts.ts';
import { createProgress } from './render/progress.ts';
import { createStyle, type Style } from './render/style.ts';
import { renderTable } from './render/table.ts';
import { withStore } from './stores.ts';
import { createTerminal } from './terminal.ts';

/** The options of `obs doctor`. */
export interface DoctorOptions {
  store?: string;
  json?: boolean;
}

/** Shows how a store is: its owner, files, tables, and what is wrong with it. */
export function doctor({ store: key, json }: DoctorOptions): Promise<ExitCode> {
  const terminal = createTerminal(json);
  return withStore(key, async (store) => {
    const progress = createProgress('looking');
    const report = await store.inspect({ onProgress: progress.at }).finally(progress.end);
    if (terminal.isJson) terminal.json(report);
    else terminal.print(reportLines(report, terminal.width, createStyle(terminal.color)).join('\n'));
    return report.problems.length > 0 ? EXIT.problem : EXIT.ok;
  });
}

function reportLines(report: HealthReport, width: number, style: Style): string[] {
  const { path, schemaVersion, owner, files, tables, problems } = report;
  const who = owner.isThisProcess
    ? 'nobody else has it open'
    : `open in process ${owner.pid} since ${dateTime(owner.since)}`;
  const fileRows = files.map((file) => [file.what, size(file.bytes), file.path]);
  const tableRows = tables.map((table) => [table.name, count(table.records), size(table.bytes)]);
  return [
    `${style.bold(printable(path))}  schema version ${schemaVersion}  ${who}`,
    ...(fileRows.length > 0 ? ['', ...renderTable(FILE_COLUMNS, fileRows, width, style)] : []),
    ...(tableRows.length > 0 ? ['', ...renderTable(TABLE_COLUMNS, tableRows, width, style)] : []),
    '',
    ...verdictLines(problems, style),
  ];
}

function verdictLines(problems: HealthReport['problems'], style: Style): string[] {
  if (problems.length === 0) return [style.green('ok')];
  return [
    style.red(counted(problems.length, 'problem')),
    ...problems.flatMap(({ code, message, hint }) => [
      `${style.red(printable(code))}: ${printable(message)}`,
      `  hint: ${printable(hint)}`,
    ]),
  ];
}

function size(amount: number): string {
  return amount > 0 ? bytes(amount) : '';
}

const FILE_COLUMNS = [{ title: 'file' }, { title: 'size', align: 'right' }, { title: 'path' }] as const;
const TABLE_COLUMNS = [
  { title: 'table' },
  { title: 'records', align: 'right' },
  { title: 'size', align: 'right' },
] as const;
