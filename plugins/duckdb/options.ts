import * as z from 'zod';

/** Options of the plugin and of {@link DuckDBStore}, checked and with defaults filled in. */
export const duckdbOptions = z.strictObject({
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
});

/** Options as they are written in a config. */
export type DuckDBOptions = z.input<typeof duckdbOptions>;
