import { definePlugin, SIGNALS } from '../../core/index.ts';
import { redactOptions } from './options.ts';
import { createRedaction } from './redaction.ts';

export type { RedactOptions } from './options.ts';

/** Hides fields by name, by place and by pattern, beyond the secrets that the host hides by itself. */
export const redact = definePlugin({
  name: 'redact',
  apiVersion: 1,
  kind: 'processor',
  signals: SIGNALS,
  description: 'hides fields by name, by place and by pattern',
  options: redactOptions,
  apply(host, options) {
    const clean = createRedaction(options);
    /** Who it belongs to is part of the record; on a span it is so already. */
    const about = <E extends { correlation?: object }>(event: E): E =>
      event.correlation ? { ...event, correlation: clean(event.correlation) } : event;

    host.process.tracing('redact', (event) => {
      const exportedSpan = clean(event.exportedSpan);
      if (event.type !== 'span.error') return { ...event, exportedSpan };
      return { ...event, exportedSpan, error: clean({ errorInfo: event.error }).errorInfo };
    });
    host.process.metrics('redact', (event) => about(clean(event)));
    host.process.logs('redact', (event) => about({ ...event, record: clean(event.record) }));
    host.process.scores('redact', (event) => about({ ...event, score: clean(event.score) }));
    host.process.feedback('redact', (event) => about({ ...event, feedback: clean(event.feedback) }));
  },
});
