import { salvageJson } from './json-salvage.ts';

/** One JSON document of a file. */
export interface JsonDocument {
  /** What stood before the first error, if there is one; undefined when that was nothing. */
  value: unknown;
  /** The line, from 1, in a file of JSON lines; undefined when the document is the whole file. */
  line: number | undefined;
  /** Absent when the text is sound. */
  failure?: { position: string; message: string };
  /** True for an object or array that the error cut in two. */
  isCut(value: unknown): boolean;
}

/**
 * Reads a file that holds one JSON document, or one on each line. Of a broken document everything before its first
 * error is kept, so that a truncated file gives its complete records. Never throws.
 */
export function readJson(text: string): JsonDocument[] {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const whole = soundDocument(body, undefined);
  if (whole) return [whole];
  const lines = body.split('\n');
  const isLines = lines.length > 1 && lines.some((line) => line.startsWith('{') && soundDocument(line, 1));
  if (!isLines) return [brokenDocument(body, undefined)];
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    return [soundDocument(line, index + 1) ?? brokenDocument(line, index + 1)];
  });
}

function soundDocument(text: string, line: number | undefined): JsonDocument | undefined {
  try {
    return { value: JSON.parse(text), line, isCut: () => false };
  } catch {
    return undefined;
  }
}

function brokenDocument(text: string, line: number | undefined): JsonDocument {
  const { value, offset, message, cut } = salvageJson(text);
  const before = text.slice(0, offset).split('\n');
  const position = `line ${(line ?? 1) + before.length - 1}, column ${before.at(-1)!.length + 1}`;
  return { value, line, failure: { position, message }, isCut: (part) => cut.has(part) };
}
