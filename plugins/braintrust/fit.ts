import type { Cut } from '../../core/index.ts';
import type { Row } from './map.ts';

/** A part of a row that may be cut. */
interface Part {
  path: string;
  value: unknown;
  replace: (text: string) => void;
}

/** Of a part that is cut, this much is kept even where it does not help. */
const MIN_LENGTH = 100;

/**
 * The JSON of a row within a limit of bytes. A row that is larger loses the ends of its largest parts, which become
 * text, and says so in `metadata.obs_truncated`; undefined when even that does not help. The row is not changed.
 */
export function fitRow(row: Row, maxBytes: number): string | undefined {
  const json = JSON.stringify(row);
  return Buffer.byteLength(json) <= maxBytes ? json : truncated(row, maxBytes);
}

function truncated(row: Row, maxBytes: number): string | undefined {
  const known = row.metadata?.['obs_truncated'];
  const cuts: Cut[] = Array.isArray(known) ? [...known] : [];
  const copy: Row = { ...row, metadata: { ...row.metadata, obs_truncated: cuts } };
  for (const part of largestFirst(partsOf(copy))) {
    const size = Buffer.byteLength(JSON.stringify(part.value));
    cuts.push({ path: part.path, reason: 'bytes', size });
    const json = shortened(part, copy, maxBytes);
    if (json !== undefined) return json;
  }
  return undefined;
}

/** Keeps about as much of the part as fits; the JSON of the row, once it does. */
function shortened({ value, replace }: Part, row: Row, maxBytes: number): string | undefined {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const bytes = Buffer.byteLength(JSON.stringify(text));
  replace(text);
  const room = bytes + maxBytes - Buffer.byteLength(JSON.stringify(row));
  // Characters differ in bytes: what the average promises may still be a little too much.
  for (let length = Math.floor((text.length * room) / bytes); ; length = Math.floor(length * 0.9)) {
    replace(startOf(text, Math.max(length, MIN_LENGTH)));
    const json = JSON.stringify(row);
    if (Buffer.byteLength(json) <= maxBytes) return json;
    if (length <= MIN_LENGTH) return undefined;
  }
}

function partsOf(row: Row): Part[] {
  const parts: Part[] = [];
  for (const key of ['input', 'output', 'expected', 'error'] as const)
    if (row[key] !== undefined)
      parts.push({ path: key, value: row[key], replace: (text) => Object.assign(row, { [key]: text }) });
  const { metadata = {} } = row;
  for (const [key, value] of Object.entries(metadata))
    if (key !== 'obs_truncated' && value !== undefined)
      parts.push({
        path: `metadata.${key}`,
        value,
        replace: (text) => Object.assign(metadata, { [key]: text }),
      });
  return parts;
}

/** The parts that are worth a cut. */
function largestFirst(parts: Part[]): Part[] {
  const lengths = new Map(parts.map((part) => [part, JSON.stringify(part.value).length]));
  return parts
    .filter((part) => lengths.get(part)! > 2 * MIN_LENGTH)
    .sort((a, b) => lengths.get(b)! - lengths.get(a)!);
}

/** The start of a text, never with half a character at its end. */
function startOf(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
}
