import type * as Yaml from 'yaml';
import type { Locate, Position } from './json.ts';
import type { Path } from './path.ts';

/** What is in a YAML text, with the places of what is wrong in it. */
export interface ParsedYaml {
  /** Undefined when there is a fault. */
  value: unknown;
  locate: Locate;
  /** Where the text stops being YAML, or has a key twice. The text itself is not repeated: it may hold secrets. */
  fault?: { message: string; isDuplicate: boolean; position?: Position };
}

/** Parses YAML 1.2. Never throws. */
export async function parseYaml(text: string): Promise<ParsedYaml> {
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const locate: Locate = (path) => locateIn(yaml, document, path, positionOf);
  const [error] = document.errors;
  if (error) {
    const message = error.code.toLowerCase().replaceAll('_', ' ');
    const position = positionOf(error.pos[0]);
    return {
      value: undefined,
      locate,
      fault: { message, isDuplicate: error.code === 'DUPLICATE_KEY', position },
    };
  }
  try {
    return { value: document.toJS() as unknown, locate };
  } catch {
    // An alias without an anchor, or so many of them that they would fill the memory.
    return {
      value: undefined,
      locate,
      fault: { message: 'an alias cannot be resolved', isDuplicate: false },
    };
  }
}

/** Goes down the path as far as the text does, and gives the place of the last key, or of the last entry of a list. */
function locateIn(
  { isAlias, isMap, isScalar, isSeq }: typeof Yaml,
  document: Yaml.Document,
  path: Path,
  positionOf: (offset: number) => Position,
): Position | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      if (!pair) break;
      offset = rangeOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && node.items[Number(key)] !== undefined) {
      node = node.items[Number(key)];
      offset = rangeOf(node) ?? offset;
    } else break;
  }
  return offset === undefined ? undefined : positionOf(offset);
}

function rangeOf(node: unknown): number | undefined {
  return (node as { range?: [number, ...number[]] | null }).range?.[0];
}
