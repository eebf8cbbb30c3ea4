import * as z from 'zod';

/** Options of the plugin and of {@link MemoryStore}, checked and with defaults filled in. */
export const memoryOptions = z.lazy(() =>
  z.strictObject({
    maxSpans: z
      .int()
      .min(1)
      .default(100_000)
      .describe('Spans that are kept; beyond that the oldest traces go, each as a whole'),
    maxEvents: z
      .int()
      .min(1)
      .default(100_000)
      .describe(
        'Metrics, logs, scores and feedback that are kept, of each so many; beyond that the oldest go',
      ),
  }),
);

/** Options as they are written in a config. */
export type MemoryOptions = z.input<typeof memoryOptions>;
