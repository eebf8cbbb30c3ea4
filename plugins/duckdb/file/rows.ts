import { types } from 'node:util';
import type { DuckDBValue } from '@duckdb/node-api';
import type { Column, Table } from './columns.ts';

/** The value of one column: times are microseconds, JSON is text, null is absent. */
export type Cell = string | number | boolean | null;
/** The values of a record in the order of its table's columns. */
export type Row = Cell[];

/**
 * A record as a row.
 * @throws Error that names the field which the table cannot hold. Absent fields are no error, apart from identity:
 * see {@link missingField}.
 */
export function toRow(table: Table, record: object): Row {
  const { columns } = table;
  const row: Row = new Array(columns.length);
  for (let index = 0; index < columns.length; index++) row[index] = toCell(columns[index]!, record);
  return row;
}

/** The first required field that a row lacks, or undefined. Of a part of a record only the identity is required. */
export function missingField(table: Table, row: Row, isPart = false): string | undefined {
  for (let index = 0; index < row.length; index++) {
    if (row[index] !== null) continue;
    const column = table.columns[index];
    if (isPart ? column?.isIdentity : column?.isRequired) return column!.path.join('.');
  }
  return undefined;
}

/** The record of a row; what was absent is absent. */
export function fromRow<R>(table: Table, row: Row): R {
  const record: Record<string, unknown> = { ...table.constants };
  table.columns.forEach((column, index) => {
    const cell = row[index] ?? null;
    if (cell === null) return;
    put(record, column.path, column.kind === 'json' ? JSON.parse(cell as string) : cell);
    if (column.datePath) put(record, column.datePath, new Date((cell as number) / 1000));
  });
  return record as R;
}

/** A row as DuckDB gives it, as cells. */
export function fromValues(table: Table, values: readonly DuckDBValue[]): Row {
  return table.columns.map(({ kind }, index) => {
    const value = values[index] ?? null;
    if (value === null) return null;
    if (kind === 'time') return Number((value as { micros: bigint }).micros);
    return kind === 'integer' ? Number(value) : (value as Cell);
  });
}

function toCell(column: Column, record: object): Cell {
  const value = at(record, column.path);
  if (column.kind === 'time') return toMicro(column, record, value);
  if (value === undefined) return null;
  if (column.kind === 'json') return toJson(column, value);
  if (value === null) return null;
  if (column.kind === 'text') return toText(column, value);
  if (column.kind === 'boolean') return expect(column, value, typeof value === 'boolean', 'true or false');
  if (column.kind === 'integer') return expect(column, value, Number.isSafeInteger(value), 'an integer');
  return expect(column, value, typeof value === 'number', 'a number');
}

/** Both forms of a time must be sound; the microseconds are the one that is kept. */
function toMicro(column: Column, record: object, given: unknown): Cell {
  const date = at(record, column.datePath!) ?? undefined;
  const ms = types.isDate(date) ? date.getTime() : Number.NaN;
  if (date !== undefined) expect({ path: column.datePath! }, date, !Number.isNaN(ms), 'a valid Date');
  const micro = given ?? (date === undefined ? null : ms * 1000);
  if (micro === null) return null;
  const rounded = typeof micro === 'number' ? Math.round(micro) : Number.NaN;
  expect(column, micro, Number.isSafeInteger(rounded), 'microseconds between the years 1684 and 2255');
  return rounded;
}

function toText(column: Column, value: unknown): Cell {
  const isSound = typeof value === 'string' && !(column.isIdentity && value === '');
  expect(column, value, isSound, 'text');
  return wellFormed(value as string);
}

/** DuckDB refuses to look into JSON with half a surrogate pair, so such a half becomes U+FFFD as in any UTF-8 text. */
function toJson(column: Column, value: unknown): Cell {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new Error(`${column.path.join('.')}: ${(error as Error).message}`);
  }
  if (text === undefined) return null;
  if (!text.includes('\\ud')) return text;
  return text.replace(/\\\\|\\ud[89a-f][0-9a-f]{2}/g, (found) => (found === '\\\\' ? found : '\\ufffd'));
}

function wellFormed(text: string): string {
  return (text as string & { toWellFormed(): string }).toWellFormed();
}

function expect(column: Pick<Column, 'path'>, value: unknown, isSound: boolean, wanted: string): Cell {
  if (isSound) return value as Cell;
  const got = value === '' ? 'empty text' : types.isDate(value) ? 'an invalid Date' : typeof value;
  throw new Error(`${column.path.join('.')}: expected ${wanted}, got ${got}`);
}

function at(record: object, path: readonly string[]): unknown {
  if (path.length === 1) return (record as Record<string, unknown> | null)?.[path[0]!];
  let value: unknown = record;
  for (const key of path) value = (value as Record<string, unknown> | null | undefined)?.[key];
  return value;
}

function put(record: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key, inner] = path as [string, string | undefined];
  if (inner === undefined) record[key] = value;
  else {
    record[key] ??= {};
    (record[key] as Record<string, unknown>)[inner] = value;
  }
}
