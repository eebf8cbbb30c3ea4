import { type AnyExportedSpan, definePlugin, type LogRecord, SIGNALS } from '../../core/index.ts';
import { enrichOptions } from './options.ts';

export type { EnrichOptions } from './options.ts';

/** Adds what is the same for all events: attributes, tags, metadata, data and labels. What an event says itself stays. */
export const enrich = definePlugin({
  name: 'enrich',
  apiVersion: 1,
  kind: 'processor',
  signals: SIGNALS,
  description: 'adds the same attributes, tags, metadata, data and labels to all events',
  options: enrichOptions,
  apply(host, { attributes, tags, metadata, data, labels }) {
    const span = (given: AnyExportedSpan): AnyExportedSpan => ({
      ...given,
      ...(isFull(attributes) && { attributes: { ...attributes, ...given.attributes } }),
      ...(isFull(metadata) && { metadata: { ...metadata, ...given.metadata } }),
      ...(tags.length > 0 && { tags: [...new Set([...(given.tags ?? []), ...tags])] }),
    });
    const judgement = <J extends { metadata?: Record<string, unknown> }>(given: J): J => ({
      ...given,
      metadata: { ...metadata, ...given.metadata },
    });

    if (isFull(attributes) || isFull(metadata) || tags.length > 0)
      host.process.tracing('enrich', (event) => ({ ...event, exportedSpan: span(event.exportedSpan) }));
    if (isFull(labels))
      host.process.metrics('enrich', (event) => ({ ...event, labels: { ...labels, ...event.labels } }));
    if (isFull(data))
      host.process.logs('enrich', (event) => ({ ...event, record: withData(event.record, data) }));
    if (isFull(metadata)) {
      host.process.scores('enrich', (event) => ({ ...event, score: judgement(event.score) }));
      host.process.feedback('enrich', (event) => ({ ...event, feedback: judgement(event.feedback) }));
    }
  },
});

/** Data that is a text or a list stays as it is. */
function withData(record: LogRecord, added: Record<string, unknown>): LogRecord {
  const { data } = record;
  const isOther = data !== undefined && (typeof data !== 'object' || data === null || Array.isArray(data));
  return isOther ? record : { ...record, data: { ...added, ...data } };
}

function isFull(values: Record<string, unknown>): boolean {
  return Object.keys(values).length > 0;
}
