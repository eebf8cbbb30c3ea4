import { createLabelCap, definePlugin } from '../../core/index.ts';
import { limitOptions } from './options.ts';

export type { LimitOptions } from './options.ts';

/** Made-up names must not fill the memory with what was said about them. */
const MAX_WARNED = 100;

/** Bounds the label sets of each metric; those beyond are one series, so that totals stay true. */
export const limit = definePlugin({
  name: 'limit',
  apiVersion: 1,
  kind: 'processor',
  signals: ['metrics'],
  description: 'bounds the label sets of each metric',
  options: limitOptions,
  apply(host, { maxSeries, metrics }) {
    const warned = new Set<string>();
    const capTo = (limitOfSeries: number) =>
      createLabelCap(limitOfSeries, (metric) => {
        if (warned.has(metric) || warned.size >= MAX_WARNED) return;
        warned.add(metric);
        host.logger.warn(
          `metric "${metric}" has more than ${limitOfSeries} label sets; the rest is one series`,
        );
      });
    const capAll = capTo(maxSeries);
    const capOf = new Map(Object.entries(metrics).map(([name, most]) => [name, capTo(most)]));
    // In the last phase, so that labels that differ in what is redacted are one series.
    host.process.metrics('redact', (event) => (capOf.get(event.name) ?? capAll)(event));
  },
});
