import type * as z from 'zod';
import { ObsError } from '../errors.ts';

/**
 * The options of a class that is made by hand, checked and with defaults filled in; those of a config are checked with
 * the config. `owner` is what the error names.
 * @throws ObsError `OBS_PLUGIN_OPTIONS` that names each wrong option.
 */
export function parseOptions<Schema extends z.ZodType>(
  owner: string,
  schema: Schema,
  options: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'options'}: ${message}`,
  );
  throw new ObsError('OBS_PLUGIN_OPTIONS', `${owner}: ${problems.join('; ')}`);
}
