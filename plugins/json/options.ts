import * as z from 'zod';

/** Options of the plugin and of {@link JsonExporter}, checked and with defaults filled in. */
export const jsonOptions = z.lazy(() =>
  z.strictObject({
    destination: z
      .string()
      .min(1)
      .default('.obs/events.jsonl')
      .describe('stdout, stderr, or the path of a file; a relative path starts at the project root'),
    format: z
      .enum(['json', 'pretty'])
      .optional()
      .describe('json: one object a line; pretty: a line to read. Default: pretty on a terminal, else json'),
    rotate: z
      .strictObject({
        maxBytes: z
          .int()
          .min(1)
          .default(50_000_000)
          .describe('Bytes of a file before the next one is begun; a line is never split'),
        maxFiles: z
          .int()
          .min(1)
          .max(1_000)
          .default(5)
          .describe('Older files kept beside the current one, as .1 (newest) to .<maxFiles>'),
      })
      .prefault({})
      .describe('When a file is set aside; has no meaning for stdout and stderr'),
  }),
);

/** Options as they are written in a config. */
export type JsonOptions = z.input<typeof jsonOptions>;
/** Options with every default filled in. */
export type ResolvedJsonOptions = z.output<typeof jsonOptions>;
