import * as z from 'zod';
import { REDACTED } from '../../core/index.ts';
import { PATH } from './paths.ts';
import { patternProblem } from './patterns.ts';

const pattern = () =>
  z
    .union([z.string().min(1), z.instanceof(RegExp)])
    .meta({ expected: 'a regular expression, as a text or a RegExp' })
    .check(({ value, issues }) => {
      const message = patternProblem(value);
      if (message !== undefined) issues.push({ code: 'custom', input: value, message });
    });

/** Options of the plugin, checked and with defaults filled in. */
export const redactOptions = z.lazy(() =>
  z
    .strictObject({
      keys: z
        .array(z.string().min(1))
        .default([])
        .describe('Names of fields, at any depth and in JSON texts, without regard to case, `_` and `-`'),
      paths: z
        .array(z.string().regex(PATH, 'names with dots between them'))
        .default([])
        .describe('Places of fields, such as `input.user.email` or `data.items.*.iban`; `*` is any one name'),
      patterns: z
        .array(pattern())
        .default([])
        .describe(
          'Regular expressions; what they match in any text is hidden. Searched in linear time, as RE2 does',
        ),
      mark: z.string().min(1).default(REDACTED).describe('What stands where something was hidden'),
      maxTextLength: z
        .int()
        .min(1)
        .default(65_536)
        .describe('Characters of one text that patterns look through; what is behind them is hidden'),
    })
    .refine(({ keys, paths, patterns }) => keys.length + paths.length + patterns.length > 0, {
      error: 'expected keys, paths or patterns: there is nothing to hide',
    }),
);

/** Options as they are written in a config. */
export type RedactOptions = z.input<typeof redactOptions>;
/** Options with every default filled in. */
export type ResolvedRedactOptions = z.output<typeof redactOptions>;
