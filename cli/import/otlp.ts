import { createIdentities } from './identity.ts';
import type { Imported, Importer } from './importer.ts';
import { type JsonDocument, readJson } from './json-text.ts';
import { otlpRecords } from './otlp-groups.ts';
import { logEvent, OTLP_LOGS } from './otlp-logs.ts';
import { metricEvents, OTLP_METRICS } from './otlp-metrics.ts';
import { OTLP_SPANS, spanEvents, spanKey } from './otlp-traces.ts';
import { isRecord, RecordWalk } from './record.ts';

const TOP_KEYS = [OTLP_SPANS[0], OTLP_LOGS[0], OTLP_METRICS[0]];

/** Reads OTLP/JSON: traces, logs and metrics, one document or one on each line. */
export const importOtlp: Importer = (text) => {
  const imported: Imported = { events: [], problems: [] };
  const documents = readJson(text);
  const spans = new Set(documents.flatMap(spanKeys));
  const identify = createIdentities();
  for (const document of documents) importDocument(document, imported, spans, identify);
  return imported;
};

function importDocument(
  document: JsonDocument,
  { events, problems }: Imported,
  spans: ReadonlySet<string>,
  identify: ReturnType<typeof createIdentities>,
): void {
  const walk = new RecordWalk(document, problems);
  const { value } = document;
  if (!isRecord(value) || !TOP_KEYS.some((key) => Object.hasOwn(value, key))) {
    walk.refuseDocument(`an object with ${TOP_KEYS.join(', ')} was expected`);
    return;
  }
  const hasSpan = (traceId: string, spanId: string) => spans.has(spanKey(traceId, spanId));
  for (const { group, ...span } of otlpRecords(walk, value, OTLP_SPANS)) {
    events.push(...(walk.take(span, (raw) => spanEvents(raw, group, hasSpan)) ?? []));
  }
  for (const { group, ...log } of otlpRecords(walk, value, OTLP_LOGS)) {
    const event = walk.take(log, (raw) => logEvent(raw, group, identify));
    if (event) events.push(event);
  }
  for (const { group, ...metric } of otlpRecords(walk, value, OTLP_METRICS)) {
    for (const event of metricEvents(walk, metric, group, identify)) events.push(event);
  }
}

function spanKeys(document: JsonDocument): string[] {
  if (!isRecord(document.value)) return [];
  const quiet = new RecordWalk({ ...document, isCut: () => false }, []);
  return [...otlpRecords(quiet, document.value, OTLP_SPANS)].map(({ record }) =>
    spanKey(record['traceId'], record['spanId']),
  );
}
