import type { ExportedSpan } from '../../core/index.ts';
import {
  CALL_ATTRIBUTES,
  CORRELATION_ATTRIBUTES,
  type Placement,
  TYPE_ATTRIBUTES,
} from '../import/conventions.ts';
import { isRecord, type RawRecord } from '../import/record.ts';

/** The fields of a span that conventions have names for are written under the first name that the import knows. */
const NAMES_OF_CALLS = firstNames(CALL_ATTRIBUTES.filter(([, , place]) => place !== 'parameters'));
const NAMES_OF_CORRELATION = firstNames(CORRELATION_ATTRIBUTES);
const KNOWN_KEYS = new Set([...NAMES_OF_CALLS.keys()].map((place) => place.split('.')[0]!));

/** A span's attributes by the conventions for AI applications; those without a convention keep their name. */
export function conventionalAttributes(span: ExportedSpan): RawRecord {
  const given: RawRecord = span.attributes ?? {};
  const free = Object.entries(given).filter(([key]) => !KNOWN_KEYS.has(key));
  return {
    ...operationOf(span),
    ...named(span as unknown as RawRecord, NAMES_OF_CORRELATION),
    ...named(given, NAMES_OF_CALLS),
    ...contentOf(span),
    ...Object.fromEntries(free),
  };
}

function firstNames(table: Placement): Map<string, string> {
  const names = new Map<string, string>();
  for (const [attribute, , place] of table) if (!names.has(place)) names.set(place, attribute);
  return names;
}

function named(holder: RawRecord, names: ReadonlyMap<string, string>): RawRecord {
  const found: RawRecord = {};
  for (const [place, attribute] of names) {
    const value = place
      .split('.')
      .reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), holder);
    if (value === undefined) continue;
    found[attribute] = place === 'finishReason' ? [value] : value;
  }
  return found;
}

const OPERATIONS = Object.entries(TYPE_ATTRIBUTES['gen_ai.operation.name'] ?? {});

function operationOf({ type }: ExportedSpan): RawRecord {
  const operation = OPERATIONS.find(([, ofType]) => ofType === type);
  return operation ? { 'gen_ai.operation.name': operation[0] } : {};
}

/** Input and output by the names that fit the kind of work; what is no text goes as JSON. */
function contentOf({ type, input, output, metadata, tags }: ExportedSpan): RawRecord {
  const isModel = type === 'model_generation' || type === 'model_step';
  const isTool = type === 'tool_call' || type === 'mcp_tool_call';
  const [inputName, outputName] = isModel
    ? ['gen_ai.input.messages', 'gen_ai.output.messages']
    : isTool
      ? ['gen_ai.tool.call.arguments', 'gen_ai.tool.call.result']
      : ['input.value', 'output.value'];
  const { otel: _, ...own } = metadata ?? {};
  return {
    ...(input !== undefined && { [inputName]: asText(input) }),
    ...(output !== undefined && { [outputName]: asText(output) }),
    ...(Object.keys(own).length > 0 && { metadata: JSON.stringify(own) }),
    ...(tags && { 'tag.tags': tags }),
  };
}

function asText(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}
