import { definePlugin } from '../../core/index.ts';
import { BraintrustExporter } from './exporter.ts';
import { braintrustOptions } from './options.ts';

export { BraintrustExporter } from './exporter.ts';
export { type Row, toRow } from './map.ts';
export type { BraintrustOptions, ScoreRange } from './options.ts';

/** Spans as rows of a Braintrust project, with scores and feedback on them. */
export const braintrust = definePlugin({
  name: 'braintrust',
  apiVersion: 1,
  kind: 'exporter',
  signals: ['tracing', 'scores', 'feedback'],
  description: 'spans, scores and feedback to a project of Braintrust',
  redelivery: 'safe',
  options: braintrustOptions,
  apply: (host, options) => host.registerExporter(new BraintrustExporter(options)),
});
