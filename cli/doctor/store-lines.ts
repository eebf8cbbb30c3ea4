import { type HealthReport, printable } from '../../core/index.ts';
import { bytes, count, counted, dateTime } from '../render/amounts.ts';
import type { Style } from '../render/style.ts';
import { renderTable } from '../render/table.ts';

/** How a store is, for people: its owner, files and tables. */
export function storeLines(report: HealthReport, width: number, style: Style): string[] {
  const { path, schemaVersion, owner, files, tables } = report;
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
  ];
}

/** What is wrong with a store. */
export function verdictLines({ problems }: HealthReport, style: Style): string[] {
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
