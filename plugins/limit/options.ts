import * as z from 'zod';

const series = () => z.int().min(0);

/** Options of the plugin, checked and with defaults filled in. */
export const limitOptions = z.lazy(() =>
  z.strictObject({
    maxSeries: series().default(200).describe('Label sets of each metric; all others are one series'),
    metrics: z
      .record(z.string(), series())
      .default({})
      .describe('The same for single metrics, by their name; goes before maxSeries'),
  }),
);

/** Options as they are written in a config. */
export type LimitOptions = z.input<typeof limitOptions>;
