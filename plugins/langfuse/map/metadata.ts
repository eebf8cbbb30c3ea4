import { type AnyExportedSpan, CORRELATION_KEYS } from '../../../core/index.ts';
import { recordOf } from './attribute-text.ts';
import type { Hints } from './hints.ts';

/** These have a place of their own in Langfuse. */
const PLACED_CORRELATION = new Set<string>(['userId', 'sessionId', 'environment']);
const OTHER_CORRELATION = CORRELATION_KEYS.filter((key) => !PLACED_CORRELATION.has(key));

const PLACED_ATTRIBUTES = new Set(['langfuse']);
const PLACED_OF_MODEL_CALL = new Set(['langfuse', 'model', 'responseModel', 'parameters', 'usage', 'cost']);

/**
 * The metadata of a span's observation: its own, then what has no other place in Langfuse (attributes, correlation,
 * error, links, cuts). Metadata wins over a fact of the same name; that is then found as `span.<name>`.
 */
export function metadataOf(
  span: AnyExportedSpan,
  hints: Hints,
  isModelCall: boolean,
): Record<string, unknown> {
  const metadata = { ...span.metadata };
  delete metadata['langfuse'];
  const add = (key: string, value: unknown) => {
    if (value !== undefined) metadata[Object.hasOwn(metadata, key) ? `span.${key}` : key] = value;
  };
  add('spanType', span.type);
  addAttributes(span, isModelCall, add);
  for (const key of OTHER_CORRELATION) add(key, span[key]);
  if (Object.keys(hints.rest).length > 0) add('langfuse', hints.rest);
  add('error', span.errorInfo);
  if (span.links?.length) add('links', span.links);
  if (span.truncated?.length) add('truncated', span.truncated);
  return metadata;
}

type Add = (key: string, value: unknown) => void;

function addAttributes({ attributes }: AnyExportedSpan, isModelCall: boolean, add: Add): void {
  const placed = isModelCall ? PLACED_OF_MODEL_CALL : PLACED_ATTRIBUTES;
  for (const key in attributes) if (!placed.has(key)) add(key, attributes[key]);
  if (!isModelCall || !attributes) return;
  const { model, responseModel, cost } = attributes;
  if (responseModel !== undefined && model !== responseModel) add('requestedModel', model);
  // Langfuse takes every amount for dollars.
  const currency = recordOf(cost)?.['currency'];
  if (currency !== undefined && currency !== 'USD') add('cost', cost);
}
