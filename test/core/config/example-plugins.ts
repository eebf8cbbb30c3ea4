import * as z from 'zod';
import { secret } from '../../../core/config/secret.ts';
import { definePlugin } from '../../../core/index.ts';

/** An exporter with an option of each kind. */
export const acme = definePlugin({
  name: 'acme',
  apiVersion: 1,
  kind: 'exporter',
  signals: ['tracing', 'logs'],
  options: z.strictObject({
    endpoint: z.string().optional(),
    apiKey: secret().optional(),
    size: z.number().default(10),
    isFast: z.boolean().optional(),
    tags: z.array(z.string()).optional(),
    headers: z.record(z.string(), z.string()).optional(),
    retry: z.strictObject({ max: z.number().optional(), min: z.number().optional() }).optional(),
  }),
  apply() {},
});

/** A plugin without options. */
export const plain = definePlugin({
  name: 'plain',
  apiVersion: 1,
  kind: 'exporter',
  signals: ['logs'],
  apply() {},
});
