export { fromMastra, type HostedExporter } from './from-mastra/from-mastra.ts';
export type { FromMastraOptions } from './from-mastra/options.ts';
export type * from './shape/exporter.ts';
export type * from './shape/signals.ts';
export type * from './shape/span.ts';
export {
  type FeedingExporter,
  type MastraTarget,
  type ToMastraOptions,
  toMastra,
} from './to-mastra/to-mastra.ts';
