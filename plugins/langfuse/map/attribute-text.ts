/** What stands for a value that cannot be put into text. */
const UNREADABLE = '[unreadable]';

/**
 * A value as the text of an attribute: text as it is, anything else as JSON. Undefined for what JSON does
 * not know (undefined, a function) and for null: Langfuse shows an empty attribute as the text `{}`. Never throws.
 */
export function attributeText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    return UNREADABLE;
  }
}

/** A text that says something, else undefined. */
export function nonEmptyText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A plain object, else undefined. */
export function recordOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
