import * as z from 'zod';
import { ObsError } from '../errors.ts';
import { once } from '../once.ts';
import type { Signal } from '../signals/index.ts';
import type { PluginHost } from './host.ts';

/** The version of the contract between host and plugins. A plugin made for another one is refused. */
export const PLUGIN_API_VERSION = 1;

const PLUGIN = Symbol.for('obs.plugin');
const PLUGIN_USE = Symbol.for('obs.plugin-use');

/** What a plugin is for; shown in listings. */
export type PluginKind = 'exporter' | 'store' | 'processor' | 'source';

/** The part of the Standard Schema interface (standardschema.dev) that the host uses; zod, valibot and arktype have it. */
export interface OptionsSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}
type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What `definePlugin` takes: the manifest, readable without running anything, and `apply`. */
export interface PluginDefinition<Input, Output> {
  /** Unique among plugins; lower case, digits and dashes. */
  name: string;
  /** {@link PLUGIN_API_VERSION}. */
  apiVersion: 1;
  kind: PluginKind;
  /** The signals it can tap; tapping any other is an error. */
  signals: readonly Signal[];
  /** Shown by `obs plugins`. */
  description?: string;
  /** Whether a destination recognises an event that comes twice. `unsafe`: an ambiguous send is not repeated. Default `safe`. */
  redelivery?: 'safe' | 'unsafe';
  /** Checks the options of an entry. Default: no options are accepted. */
  options?: OptionsSchema<Input, Output>;
  /** Taps and registers; no I/O and no timers, those start in the start hook. */
  apply(host: PluginHost, options: Output): void;
}

/** A plugin: its manifest, callable with options for use in a config. */
export interface Plugin<Input = unknown, Output = unknown> extends PluginDefinition<Input, Output> {
  (
    ...args: unknown extends Input
      ? [options?: Input]
      : Record<never, never> extends Input
        ? [options?: Input]
        : [options: Input]
  ): PluginUse;
}

/** A plugin with its options: one entry of a config. */
export interface PluginUse {
  readonly use: Plugin;
  readonly options: unknown;
}

/**
 * Makes a plugin. The result is its manifest and at once the factory used in `obs.config.ts`:
 * `acme({ endpoint })`. The manifest is checked when a config uses it, not here, so that importing never throws.
 */
export function definePlugin<Input = Record<string, never>, Output = Input>(
  definition: PluginDefinition<Input, Output>,
): Plugin<Input, Output> {
  const plugin = (options?: Input): PluginUse => {
    const use = { use: plugin as unknown as Plugin, options: options ?? {} };
    Object.defineProperty(use, PLUGIN_USE, { value: true });
    return use;
  };
  // Name and apply are set even where they are missing, to cover those that every function has.
  for (const [key, value] of Object.entries(
    Object.assign({ name: undefined, apply: undefined }, definition),
  )) {
    Object.defineProperty(plugin, key, { value, enumerable: true });
  }
  Object.defineProperty(plugin, PLUGIN, { value: true });
  return plugin as unknown as Plugin<Input, Output>;
}

/** True for what `definePlugin` returned, from this or another copy of the package. */
export function isPlugin(value: unknown): value is Plugin {
  return typeof value === 'function' && PLUGIN in value;
}

/** True for a called factory: `acme({ ... })`. */
export function isPluginUse(value: unknown): value is PluginUse {
  return typeof value === 'object' && value !== null && PLUGIN_USE in value;
}

const manifestSchema = once(() =>
  z.object({
    name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'lower case letters, digits and dashes'),
    kind: z.enum(['exporter', 'store', 'processor', 'source']),
    signals: z.array(z.enum(['tracing', 'metrics', 'logs', 'scores', 'feedback'])).readonly(),
    redelivery: z.enum(['safe', 'unsafe']).optional(),
  }),
);

/** The problem with a manifest, or undefined. */
export function manifestProblem(plugin: Plugin): ObsError | undefined {
  const label = typeof plugin.name === 'string' && plugin.name !== '' ? plugin.name : '(unnamed)';
  if (plugin.apiVersion !== PLUGIN_API_VERSION) {
    const got = String(plugin.apiVersion);
    return new ObsError(
      'OBS_PLUGIN_API_VERSION',
      `${label} is made for plugin API ${got}, this host has ${PLUGIN_API_VERSION}`,
    );
  }
  if (typeof plugin.apply !== 'function')
    return new ObsError('OBS_PLUGIN_NO_APPLY', `${label} has no apply function`);
  const { name, kind, signals, redelivery } = plugin;
  const parsed = manifestSchema().safeParse({ name, kind, signals, redelivery });
  if (parsed.success) return undefined;
  const what = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  return new ObsError('OBS_PLUGIN_MANIFEST', `${label}: ${what}`);
}
