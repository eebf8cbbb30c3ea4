import { types } from 'node:util';

const DATES = ['startTime', 'endTime', 'timestamp'];
const INTEGERS = ['seq', 'startUnixMicro', 'endUnixMicro', 'timeUnixMicro'];
const TEXTS = ['id', 'traceId', 'spanId', 'parentSpanId', 'name', 'type', 'status'];

/** Refuses what no store could keep. @throws Error that names the field which is missing or cannot be stored. */
export function assertSound(record: unknown, required: readonly string[]): void {
  const fields = (record ?? {}) as Record<string, unknown>;
  for (const name of required) {
    const value = fields[name];
    if (value === undefined || value === null) throw new Error(`${name} is missing`);
    if (value === '' && (name === 'id' || name === 'traceId'))
      throw new Error(`${name}: expected text, got empty text`);
  }
  for (const name of DATES)
    if (!isDateOrAbsent(fields[name])) throw new Error(`${name}: expected a valid Date`);
  for (const name of INTEGERS)
    if (!isIntegerOrAbsent(fields[name])) throw new Error(`${name}: expected an integer`);
  for (const name of TEXTS)
    if (typeof (fields[name] ?? '') !== 'string') throw new Error(`${name}: expected text`);
  // What is circular or no JSON says so itself.
  JSON.stringify(record);
}

function isDateOrAbsent(value: unknown): boolean {
  return value === undefined || value === null || (types.isDate(value) && !Number.isNaN(value.getTime()));
}

function isIntegerOrAbsent(value: unknown): boolean {
  return value === undefined || value === null || Number.isSafeInteger(value);
}
