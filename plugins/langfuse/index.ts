import { definePlugin } from '../../core/index.ts';
import { LangfuseExporter } from './exporter.ts';
import { langfuseOptions } from './options.ts';

export { LangfuseExporter } from './exporter.ts';
export { type Attributes, toAttributes } from './map/attributes.ts';
export { type LangfuseScore, toScore } from './map/score.ts';
export type { LangfuseOptions } from './options.ts';

/** Ended spans as observations of Langfuse, scores and feedback as its scores. */
export const langfuse = definePlugin({
  name: 'langfuse',
  apiVersion: 1,
  kind: 'exporter',
  signals: ['tracing', 'scores', 'feedback'],
  description: 'spans, scores and feedback to Langfuse',
  // A span that arrives twice is stored twice, and its tokens count twice.
  redelivery: 'unsafe',
  options: langfuseOptions,
  apply: (host, options) => host.registerExporter(new LangfuseExporter(options)),
});
