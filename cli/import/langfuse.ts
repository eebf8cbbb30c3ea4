import type { Imported, Importer } from './importer.ts';
import { type JsonDocument, readJson } from './json-text.ts';
import { withEntry } from './langfuse-root.ts';
import { scoreEvent } from './langfuse-scores.ts';
import { correlationOf, observationSpan, type TraceShare } from './langfuse-spans.ts';
import { lifecycleOf } from './lifecycle.ts';
import { isRecord, type Located, type RawRecord, RecordWalk, requiredText } from './record.ts';

/** Reads Langfuse trace exports, `{ trace, observations[] }`: one document or one on each line. */
export const importLangfuse: Importer = (text) => {
  const imported: Imported = { events: [], problems: [] };
  for (const document of readJson(text)) importDocument(document, imported);
  return imported;
};

function importDocument(document: JsonDocument, { events, problems }: Imported): void {
  const walk = new RecordWalk(document, problems);
  const { value } = document;
  if (!isRecord(value) || !isRecord(value['trace'])) {
    walk.refuseDocument('an object with "trace" and "observations" was expected');
    return;
  }
  const trace = value['trace'];
  const share = walk.take({ record: trace, pointer: '/trace' }, shareOf);
  if (!share) return;
  const problemsBefore = problems.length;
  const spans = collect(walk, observationsOf(walk, value, trace), (raw) => observationSpan(raw, share));
  const isWhole = !document.failure && problems.length === problemsBefore;
  const complete = walk.take({ record: trace, pointer: '/trace' }, () =>
    withEntry(trace, share, spans, isWhole),
  );
  for (const span of complete ?? spans) events.push(...lifecycleOf(span));
  for (const score of collect(walk, walk.list(trace, 'scores', '/trace'), (raw) => scoreEvent(raw, share)))
    events.push(score);
}

/** A full export repeats its observations inside the trace, there without inputs and outputs; that is the second choice. */
function observationsOf(walk: RecordWalk, document: RawRecord, trace: RawRecord): Iterable<Located> {
  return 'observations' in document
    ? walk.list(document, 'observations', '')
    : walk.list(trace, 'observations', '/trace');
}

function shareOf(trace: RawRecord): TraceShare {
  return { traceId: requiredText(trace, 'id'), correlation: correlationOf(trace) };
}

function collect<T>(walk: RecordWalk, records: Iterable<Located>, make: (raw: RawRecord) => T): T[] {
  const made: T[] = [];
  for (const located of records) {
    const one = walk.take(located, make);
    if (one !== undefined) made.push(one);
  }
  return made;
}
