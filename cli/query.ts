import { printable, type SqlResult } from '../core/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { counted, dateTime, number } from './render/amounts.ts';
import { createStyle, type Style } from './render/style.ts';
import { type Column, renderTable } from './render/table.ts';
import { fitTo, widthOf } from './render/width.ts';
import { withStore } from './stores.ts';
import { createTerminal, type Terminal } from './terminal.ts';

/** The options of `obs query`. */
export interface QueryOptions {
  maxRows: number;
  /** Milliseconds. */
  timeout: number;
  store?: string;
  json?: boolean;
}

/** Asks the store one question in SQL and shows the rows. */
export function query(options: QueryOptions, sql: string): Promise<ExitCode> {
  const terminal = createTerminal(options.json);
  return withStore(options.store, async (store) => {
    const { maxRows, timeout } = options;
    const result = await store.runSql({ sql, maxRows }, { timeoutMs: timeout });
    if (terminal.isJson) for (const record of recordsOf(result)) terminal.json(record);
    else if (result.rows.length > 0) printRows(result, terminal);
    const shown = counted(result.rows.length, 'row');
    terminal.say(result.isCut ? `the first ${shown}; there are more: raise --max-rows` : shown);
    return EXIT.ok;
  });
}

/** Rows as objects; a column whose name came before gets a number behind it. */
function recordsOf({ columns, rows }: SqlResult): Record<string, unknown>[] {
  const names: string[] = [];
  for (const { name } of columns) {
    let free = name;
    for (let number = 2; names.includes(free); number++) free = `${name}_${number}`;
    names.push(free);
  }
  return rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])));
}

const NUMBER = /INT|DOUBLE|FLOAT|DECIMAL/;
/** A table whose columns get less than this says nothing: each row then stands alone, a line for each column. */
const MIN_COLUMN = 10;

function printRows(result: SqlResult, terminal: Terminal): void {
  const isWide = result.columns.length * MIN_COLUMN > terminal.width;
  const style = createStyle(terminal.color);
  const lines = isWide ? recordLines(result, style) : tableLines(result, terminal.width, style);
  terminal.print(lines.join('\n'));
}

function tableLines({ columns, rows }: SqlResult, width: number, style: Style): string[] {
  const shown = columns.map(({ name, type }): Column => {
    return { title: name, align: NUMBER.test(type) ? 'right' : 'left', isFlexible: true };
  });
  const cells = rows.map((row) => row.map(cellOf));
  return renderTable(shown, cells, width, style);
}

function recordLines({ columns, rows }: SqlResult, style: Style): string[] {
  const widest = Math.max(...columns.map(({ name }) => widthOf(printable(name))));
  return rows.flatMap((row, index) => [
    ...(index > 0 ? [''] : []),
    ...columns.map(({ name }, place) => {
      const title = style.dim(fitTo(printable(name), widest));
      return `${title}  ${printable(cellOf(row[place]))}`;
    }),
  ]);
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (value instanceof Date) return `${dateTime(value)}.${String(value.getMilliseconds()).padStart(3, '0')}`;
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : number(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
