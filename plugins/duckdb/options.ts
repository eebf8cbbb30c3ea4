import * as z from 'zod';

const rule = () =>
  z
    .strictObject({
      maxAgeDays: z.number().positive().optional().describe('Older than so many days goes. Default: nothing'),
      maxBytes: z
        .int()
        .positive()
        .optional()
        .describe(
          'While the records take more bytes of the file, the oldest go; has no effect in memory. Default: no bound',
        ),
    })
    .optional();

const retention = () =>
  z
    .strictObject({
      tracing: rule().describe(
        'Whole traces, by the end of their last span. Logs, scores and feedback of a trace go with it unless they have a rule of their own',
      ),
      metrics: rule().describe('Observations, each by its time; those of a trace stay when it goes'),
      logs: rule().describe('Log lines, each by its time'),
      scores: rule().describe('Scores, each by its time'),
      feedback: rule().describe('Feedback, each by its time'),
    })
    .optional();

/** What is kept of each signal; a signal without a rule is kept for good. */
export type Retention = z.output<ReturnType<typeof retention>>;

/** Options of the plugin and of {@link DuckDBStore}, checked and with defaults filled in. */
export const duckdbOptions = z.lazy(() =>
  z.strictObject({
    path: z
      .string()
      .min(1)
      .default('.obs/obs.duckdb')
      .describe('The database file, or :memory:; a relative path starts at the project root'),
    memoryLimit: z
      .string()
      .regex(/^\d+(\.\d+)? ?(KB|MB|GB|TB|KiB|MiB|GiB|TiB)$/i, 'a number and a unit, such as 512MB')
      .default('512MB')
      .describe('Memory that DuckDB may use; a query that needs more fails, the store stays'),
    threads: z
      .int()
      .min(1)
      .max(256)
      .default(2)
      .describe('Threads for queries and checkpoints, beside the one that writes'),
    thread: z
      .enum(['worker', 'main'])
      .default('worker')
      .describe('Where DuckDB is driven: a worker thread, or the main one, which its writes then hold up'),
    retention: retention().describe('What is deleted, some minutes after its time; default: nothing'),
  }),
);

/** Options as they are written in a config. */
export type DuckDBOptions = z.input<typeof duckdbOptions>;
