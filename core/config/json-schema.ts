import type { Plugin } from '../contract/plugin.ts';
import { DELIVERY_DEFAULTS } from '../delivery/options.ts';
import { DEFAULTS } from './defaults.ts';
import { descriptionOf } from './descriptions.ts';
import { JSON_SCHEMA, type JsonSchema, jsonSchemaOf, OR_REFERENCE, orReference } from './json-schema-node.ts';
import { entrySettings, layerSchema } from './schema.ts';

export { type JsonSchema, jsonSchemaOf } from './json-schema-node.ts';

/** The JSON Schema (draft 2020-12) of the options of a plugin, as they are written in data. */
export function pluginJsonSchema(plugin: Plugin): JsonSchema {
  const { name, description } = plugin;
  const schema = orReference(optionsOf(plugin));
  return { $schema: JSON_SCHEMA, title: `Options of ${name}`, description, ...schema, $defs: OR_REFERENCE };
}

/**
 * The JSON Schema (draft 2020-12) of a config in JSON or YAML. It knows the options of these plugins, by their names;
 * those of others are any.
 */
export function configJsonSchema(plugins: readonly Plugin[]): JsonSchema {
  const layer = layerOf(plugins);
  const properties = Object.keys(layer.properties ?? {}).map((key) => [
    key,
    { $ref: `#/$defs/layer/properties/${key}` },
  ]);
  return {
    $schema: JSON_SCHEMA,
    title: 'Config of obs-kit',
    type: 'object',
    additionalProperties: false,
    properties: {
      $schema: { type: 'string', description: 'The schema of this file, for editors' },
      ...Object.fromEntries(properties),
      environments: {
        type: 'object',
        description: descriptionOf(['environments']),
        additionalProperties: { $ref: '#/$defs/layer' },
      },
    },
    $defs: {
      ...OR_REFERENCE,
      layer,
      ...Object.fromEntries(plugins.map((one) => [one.name, optionsDef(one)])),
    },
  };
}

function optionsOf({ options }: Plugin): JsonSchema {
  return options ? jsonSchemaOf(options) : { type: 'object', additionalProperties: false };
}

function optionsDef(plugin: Plugin): JsonSchema {
  return { ...orReference(optionsOf(plugin)), description: plugin.description };
}

/** One layer of a config: what a file may say, and each overlay in it. */
function layerOf(plugins: readonly Plugin[]): JsonSchema {
  const layer = described(jsonSchemaOf(layerSchema()), [], DEFAULTS);
  const entries = layer.properties?.['plugins'] as JsonSchema;
  entries.additionalProperties = entryOf(plugins);
  return layer;
}

const ENTRY = ['plugins', '*'];

/** An entry in all its forms: a name, null, or the long form with the options of the plugin that is named. */
function entryOf(plugins: readonly Plugin[]): JsonSchema {
  const settings = described(jsonSchemaOf(entrySettings()), ENTRY, { delivery: DELIVERY_DEFAULTS });
  const enabled = { type: 'boolean', default: true, description: descriptionOf([...ENTRY, 'enabled']) };
  const processors = {
    type: 'array',
    description: descriptionOf([...ENTRY, 'processors']),
    items: oneOf(
      plugins.filter(({ kind }) => kind === 'processor'),
      [...ENTRY, 'processors', '*'],
      {},
    ),
  };
  const more = { enabled: orReference(enabled), ...settings.properties, processors };
  const entry = oneOf(plugins, ENTRY, more);
  return { ...entry, anyOf: [...(entry.anyOf ?? []), { type: 'null' }] };
}

/** One of these plugins, or another: its name, or the name with options and whatever else there may be. */
function oneOf(
  plugins: readonly Plugin[],
  path: readonly string[],
  more: Record<string, JsonSchema>,
): JsonSchema {
  const name = { anyOf: [{ enum: plugins.map((plugin) => plugin.name) }, { type: 'string', minLength: 1 }] };
  const longForm = {
    type: 'object',
    additionalProperties: false,
    properties: {
      use: { description: descriptionOf([...path, 'use']), ...name },
      options: { description: descriptionOf([...path, 'options']), type: 'object' },
      ...more,
    },
    allOf: plugins.map((plugin) => ({
      if: { properties: { use: { const: plugin.name } }, required: ['use'] },
      // biome-ignore lint/suspicious/noThenProperty: the word of JSON Schema
      then: { properties: { options: { $ref: `#/$defs/${plugin.name}` } } },
    })),
  };
  return { description: descriptionOf(path), anyOf: [...name.anyOf, longForm] };
}

/** A schema of the host with what is said about its keys, their defaults, their short forms, and references. */
function described(schema: JsonSchema, path: readonly string[], defaults: unknown): JsonSchema {
  const made: JsonSchema = { description: descriptionOf(path), ...schema };
  if (isLeafDefault(defaults)) made.default = defaults;
  if (schema.properties)
    made.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([key, below]) => [
        key,
        described(below, [...path, key], (defaults as Record<string, unknown> | undefined)?.[key]),
      ]),
    );
  // True and false are short for such an object.
  if (schema.properties?.['enabled'])
    return { description: descriptionOf(path), anyOf: [{ type: 'boolean' }, made] };
  return schema.properties ? made : orReference(made);
}

function isLeafDefault(value: unknown): boolean {
  return value !== undefined && (typeof value !== 'object' || Array.isArray(value));
}
