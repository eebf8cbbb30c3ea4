const ESC = '\u001b';
const BEL = '\u0007';
const CSI = `(?:${ESC}\\[|\\u009b)[0-?]*[ -/]*[@-~]`;
const OSC = `(?:${ESC}\\]|\\u009d)\\P{Cc}*(?:${BEL}|${ESC}\\\\|\\u009c)`;

/**
 * Complete colour, cursor, title and link sequences. Neither run can step over the start of the next sequence, so the
 * time is linear; node:util's stripVTControlCharacters takes seconds for 40 kB of `;?` behind an escape.
 */
const SEQUENCE = new RegExp(`${CSI}|${OSC}`, 'gu');

/** C0, DEL and C1 controls, line and paragraph separators, and the overrides and isolates of bidirectional text. */
const UNSAFE = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;
const UNSAFE_BUT_LINES = /[^\P{Cc}\n\t]|[\u2028-\u202e\u2066-\u2069]/gu;
const UNSAFE_IN_JSON = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** How {@link printable} treats the text. */
export interface PrintableOptions {
  /** Keep newlines and tabs, for a field that is shown over several lines. Default: false. */
  keepLines?: boolean;
}

/**
 * Text that is safe to write to a terminal: escape sequences are removed, any other character that could move the
 * cursor, hide or reorder text is shown by its code as `\u{1b}`; newline, return and tab as `\n`, `\r` and `\t`.
 * Takes linear time and never throws.
 */
export function printable(text: string, options: PrintableOptions = {}): string {
  // Control characters are rare, and looking is cheaper than replacing.
  if (text.search(UNSAFE) < 0) return text;
  const stripped = text.replace(SEQUENCE, '');
  if (!options.keepLines) return stripped.replace(UNSAFE, shown);
  return stripped.replaceAll('\r\n', '\n').replace(UNSAFE_BUT_LINES, shown);
}

/**
 * JSON text that is safe to write to a terminal and holds no character that some reader takes for the end of a line.
 * It still is JSON, of the same value: the characters are escaped as JSON has it.
 */
export function printableJson(json: string): string {
  return json.replace(UNSAFE_IN_JSON, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const SHORT: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function shown(character: string): string {
  return SHORT[character] ?? `\\u{${character.codePointAt(0)!.toString(16)}}`;
}
