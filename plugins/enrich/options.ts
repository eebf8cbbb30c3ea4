import * as z from 'zod';

const values = () => z.record(z.string(), z.unknown()).default({});

/** Options of the plugin, checked and with defaults filled in. */
export const enrichOptions = z.lazy(() =>
  z
    .strictObject({
      attributes: values().describe('Attributes of every span'),
      tags: z.array(z.string().min(1)).default([]).describe('Tags of every span'),
      metadata: values().describe('Metadata of every span, score and feedback'),
      data: values().describe('Data of every log whose data is an object or absent'),
      labels: z.record(z.string(), z.string()).default({}).describe('Labels of every metric'),
    })
    .refine((options) => Object.values(options).some((said) => Object.keys(said).length > 0), {
      error: 'expected attributes, tags, metadata, data or labels: there is nothing to add',
    }),
);

/** Options as they are written in a config. */
export type EnrichOptions = z.input<typeof enrichOptions>;
