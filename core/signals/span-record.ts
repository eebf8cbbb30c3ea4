import { Snapshot, type SnapshotLimits } from '../snapshot/snapshot.ts';
import type { SpanUpdate } from './span.ts';
import type { ExportedSpan } from './tracing.ts';

type Merged = 'attributes' | 'metadata';

/**
 * Takes over what an update brings: `attributes` and `metadata` key by key, the other fields as a whole. The limits
 * hold for what the span has now, so a field that is replaced a thousand times counts once.
 * @throws what reading a hostile update throws; what was read before that is kept.
 */
export function mergeUpdate(
  record: ExportedSpan,
  snapshot: Snapshot,
  update: SpanUpdate,
  limits: SnapshotLimits,
): void {
  const { input, output, attributes, metadata, tags } = update;
  // Most spans never come near the limit, so what was replaced is taken off the account only then.
  if (snapshot.bytes > limits.maxEventBytes / 2) snapshot.bytes = bytesKept(record, update, limits);
  if (input !== undefined) {
    forget(snapshot, 'input');
    record.input = snapshot.take(input, 'input');
  }
  if (output !== undefined) {
    forget(snapshot, 'output');
    record.output = snapshot.take(output, 'output');
  }
  if (attributes !== undefined) merge(record, snapshot, 'attributes', attributes);
  if (metadata !== undefined) merge(record, snapshot, 'metadata', metadata);
  if (tags !== undefined) {
    forget(snapshot, 'tags');
    record.tags = textList(snapshot.take(tags, 'tags'));
  }
}

function merge(record: ExportedSpan, snapshot: Snapshot, field: Merged, added: unknown): void {
  if (snapshot.cuts.length > 0) for (const key of keysOf(added)) forget(snapshot, `${field}.${key}`);
  const plain = snapshot.take(added, field);
  const before = record[field];
  if (isRecord(plain)) record[field] = before ? Object.assign({}, before, plain) : plain;
  // What stands for an object that could not be taken is no attribute; that it was cut is on the record.
  else if (plain !== null && (Array.isArray(plain) || !isObject(added)))
    record[field] = { ...before, value: plain };
}

/** Forgets the cuts of a value that is replaced. */
export function forget({ cuts }: Snapshot, path: string): void {
  for (let i = cuts.length - 1; i >= 0; i--) {
    const cut = cuts[i]!.path;
    if (cut === path || cut.startsWith(`${path}.`)) cuts.splice(i, 1);
  }
}

/** Bytes of what a record still has once an update has replaced its part. */
function bytesKept(record: ExportedSpan, update: SpanUpdate, limits: SnapshotLimits): number {
  const kept: Record<string, unknown> = { ...record };
  for (const field of ['input', 'output', 'tags'] as const)
    if (update[field] !== undefined) delete kept[field];
  for (const field of ['attributes', 'metadata'] as const) {
    const before = record[field];
    if (before) kept[field] = without(before, keysOf(update[field]));
  }
  const account = new Snapshot(limits);
  account.take(kept, 'record');
  return account.bytes;
}

function without(record: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  const rest = { ...record };
  for (const key of keys) delete rest[key];
  return rest;
}

function keysOf(value: unknown): string[] {
  return isObject(value) ? Object.keys(value) : [];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return isObject(value) && !Array.isArray(value);
}

function textList(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.map((entry) => (typeof entry === 'string' ? entry : JSON.stringify(entry)));
}
