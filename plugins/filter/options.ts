import * as z from 'zod';
import { LOG_LEVELS, SIGNALS } from '../../core/index.ts';

/** What an event must be; all that is said must hold. */
const rule = () =>
  z
    .strictObject({
      signal: z.enum(SIGNALS).optional().describe('The signal. Default: any'),
      name: z
        .string()
        .min(1)
        .optional()
        .describe(
          'Name of the span, the metric, the scorer or the kind of feedback, or the message of a log; `*` is any text. Default: any',
        ),
      type: z.string().min(1).optional().describe('Type of the span, such as `tool_call`. Default: any'),
      below: z.enum(LOG_LEVELS).optional().describe('Logs below this level. Default: any level'),
      attributes: z
        .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
        .optional()
        .describe(
          'Values in the attributes or metadata of the span, the data of the log, the labels of the metric, the metadata of score and feedback. Default: any',
        ),
    })
    .refine((one) => Object.keys(one).length > 0, { error: 'expected a condition: this is every event' });

/** Options of the plugin, checked and with defaults filled in. */
export const filterOptions = z.lazy(() =>
  z
    .strictObject({
      drop: z.array(rule()).default([]).describe('Events that one of these fits are dropped'),
      keep: z
        .array(rule())
        .default([])
        .describe('Where there are any: events of their signals that none of these fits are dropped'),
    })
    .refine(({ drop, keep }) => drop.length + keep.length > 0, {
      error: 'expected drop or keep: there is nothing to filter',
    }),
);

/** One rule of the options. */
export type FilterRule = z.output<ReturnType<typeof rule>>;
/** Options as they are written in a config. */
export type FilterOptions = z.input<typeof filterOptions>;
/** Options with every default filled in. */
export type ResolvedFilterOptions = z.output<typeof filterOptions>;
