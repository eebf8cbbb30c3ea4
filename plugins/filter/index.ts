import { definePlugin, SIGNALS } from '../../core/index.ts';
import { filterOptions } from './options.ts';
import { createJudge } from './rules.ts';
import { judgeSpans } from './span-verdicts.ts';

export type { FilterOptions, FilterRule } from './options.ts';

/** The reason under which dropped events count. */
const FILTERED = { reason: 'filtered' };

/** Drops events by signal, name, type, level and attributes. */
export const filter = definePlugin({
  name: 'filter',
  apiVersion: 1,
  kind: 'processor',
  signals: SIGNALS,
  description: 'drops events by signal, name, type, level and attributes',
  options: filterOptions,
  apply(host, options) {
    const isKept = createJudge(options);
    const isSpanKept = judgeSpans(isKept);
    host.process.tracing('sample', (event) => (isSpanKept(event) ? event : null), FILTERED);
    host.process.metrics('sample', (event) => (isKept(event) ? event : null), FILTERED);
    host.process.logs('sample', (event) => (isKept(event) ? event : null), FILTERED);
    host.process.scores('sample', (event) => (isKept(event) ? event : null), FILTERED);
    host.process.feedback('sample', (event) => (isKept(event) ? event : null), FILTERED);
  },
});
