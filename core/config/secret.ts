import * as z from 'zod';
import { reference } from './reference.ts';

/** In a plugin's manifest: the schema of an option whose value is never shown, a non-empty string. */
export function secret(): z.ZodString;
/**
 * In a config: like `env('X')`, without a default, for values that must never be shown. A missing variable is the
 * problem `OBS_CONFIG_SECRET_MISSING`. In data-only configs: the whole string `"${secret:X}"`.
 */
export function secret<T = string>(variable: string): T;
export function secret(variable?: string): unknown {
  return variable === undefined ? z.string().min(1).meta({ secret: true }) : reference(variable, true);
}
