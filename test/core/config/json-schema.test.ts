import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import * as z from 'zod';
import { DESCRIPTIONS, descriptionOf } from '../../../core/config/descriptions.ts';
import {
  builtInPlugins,
  configJsonSchema,
  definePlugin,
  type JsonSchema,
  type Plugin,
  pluginJsonSchema,
  secret,
} from '../../../core/index.ts';
import { resolveProject, shortly } from './project.ts';

type Visit = (schema: JsonSchema, path: readonly string[]) => void;

/** Every property at any depth, with its path; `*` stands for any key. */
function eachProperty(schema: JsonSchema, path: readonly string[], visit: Visit): void {
  for (const [key, below] of Object.entries(schema.properties ?? {})) {
    visit(below, [...path, key]);
    eachProperty(below, [...path, key], visit);
  }
  for (const inner of [schema.additionalProperties, schema.items])
    if (typeof inner === 'object') eachProperty(inner, [...path, '*'], visit);
  for (const inner of schema.anyOf ?? []) eachProperty(inner, path, visit);
}

const compile = (schema: JsonSchema) =>
  new Ajv2020({ strict: false, validateFormats: false }).compile(schema);

/** How a reference looks in data. */
const reference = (kind: 'env' | 'secret', name: string) => `\${${kind}:${name}}`;

/** What may be in a file and what may not, judged by an editor and by the loader alike. */
const CONFIGS: [what: string, config: object, isRight: boolean][] = [
  ['nothing', {}, true],
  ['a schema for editors', { $schema: 'node_modules/obs-kit/dist/config.schema.json' }, true],
  [
    'short forms',
    {
      signals: { metrics: false, logs: { level: 'warn' } },
      redact: true,
      selfMetrics: true,
      plugins: { a: 'json' },
    },
    true,
  ],
  ['options', { plugins: { a: { use: 'json', options: { destination: 'stdout' } } } }, true],
  [
    'a reference in place of a number',
    { plugins: { a: { use: 'duckdb', options: { threads: reference('env', 'T') } } } },
    true,
  ],
  [
    'a secret',
    { plugins: { a: { use: 'braintrust', enabled: false, options: { apiKey: reference('secret', 'K') } } } },
    true,
  ],
  [
    'an overlay that removes',
    { plugins: { a: 'json' }, environments: { test: { plugins: { a: null } } } },
    true,
  ],
  [
    'processors',
    {
      plugins: { a: { use: 'json', processors: ['limit', { use: 'redact', options: { keys: ['email'] } }] } },
    },
    true,
  ],
  ['an unknown key', { servce: {} }, false],
  ['a wrong level', { signals: { logs: { level: 'loud' } } }, false],
  ['an unknown option', { plugins: { a: { use: 'json', options: { destinaton: 'x' } } } }, false],
  ['an option of the wrong type', { plugins: { a: { use: 'duckdb', options: { threads: 'many' } } } }, false],
  ['an unknown key of an entry', { plugins: { a: { use: 'json', option: {} } } }, false],
  [
    'an unknown option of a processor',
    { plugins: { a: { use: 'json', processors: [{ use: 'limit', options: { max: 1 } }] } } },
    false,
  ],
  ['a number as a plugin', { plugins: { a: 5 } }, false],
];

describe('the JSON Schema of a config', () => {
  let schema: JsonSchema;
  before(async () => {
    schema = configJsonSchema(await builtInPlugins());
  });

  for (const [what, config, isRight] of CONFIGS)
    it(`${isRight ? 'takes' : 'refuses'} ${what}, as the loader does`, async () => {
      expect(compile(schema)(config)).to.equal(isRight);
      const files = { 'obs.config.json': JSON.stringify(config) };
      const resolution = await resolveProject(files, { env: { T: '1', K: 'k' }, environment: 'test' });
      expect(resolution.problems.length === 0, shortly(resolution).join()).to.equal(isRight);
    });

  it('describes every key, and every option of every built-in plugin, with its default', () => {
    const lacking: string[] = [];
    const visit: Visit = (property, path) => {
      const { description = '' } = property;
      const kinds = [property, ...(property.anyOf ?? [])];
      const isGroup = kinds.some((kind) => kind.properties !== undefined) || path.at(-1) === 'plugins';
      const hasDefault = 'default' in property || /\bdefault\b/i.test(description);
      // What one rule, range or entry of a list must say has no default.
      const isPart = path.includes('*');
      if (description === '') lacking.push(`${path.join('.')} has no description`);
      else if (!hasDefault && !isGroup && !isPart) lacking.push(`${path.join('.')} has no default`);
    };
    const { layer, reference: _, ...plugins } = schema['$defs'] as Record<string, JsonSchema>;
    eachProperty(layer!, [], visit);
    for (const [name, options] of Object.entries(plugins)) eachProperty(options, [name], visit);
    expect(lacking).to.deep.equal([]);
    expect(Object.keys(plugins)).to.include.members(['json', 'duckdb', 'otel', 'redact', 'limit']);
  });

  it('describes keys that there are', () => {
    const found = new Set<string>();
    eachProperty(
      schema['$defs'] ? (schema['$defs'] as Record<string, JsonSchema>)['layer']! : {},
      [],
      (_, path) => found.add(path.join('.')),
    );
    expect(found.size).to.be.above(50);
    for (const path of ['signals.tracing.sample', 'plugins.*.delivery.maxItems', 'plugins.*.processors'])
      expect(found)
        .to.include(path)
        .and.satisfy(() => path in DESCRIPTIONS);
    expect(descriptionOf(['plugins', 'any', 'use'])).to.equal(undefined);
  });

  it('holds nothing of the machine that made it', async () => {
    const canary = 'canary-7f3a';
    const names = [
      'BRAINTRUST_API_KEY',
      'LANGFUSE_SECRET_KEY',
      'LANGFUSE_BASE_URL',
      'OTEL_EXPORTER_OTLP_ENDPOINT',
    ];
    for (const name of names) process.env[name] = canary;
    try {
      expect(JSON.stringify(configJsonSchema(await builtInPlugins()))).to.equal(JSON.stringify(schema));
      expect(JSON.stringify(schema)).not.to.include('\\u0000');
      expect(process.env['BRAINTRUST_API_KEY']).to.equal(canary);
    } finally {
      for (const name of names) delete process.env[name];
    }
  });
});

describe('the JSON Schema of the options of a plugin', () => {
  const of = (options: unknown) =>
    pluginJsonSchema(
      definePlugin({
        name: 'x',
        apiVersion: 1,
        kind: 'exporter',
        signals: [],
        options,
        apply() {},
      } as never) as unknown as Plugin,
    );

  it('marks secrets, and takes references for any type at any depth', () => {
    const made = of(z.strictObject({ key: secret().describe('k'), deep: z.strictObject({ n: z.int() }) }));
    expect(made.properties?.['key']?.anyOf?.[0]).to.deep.include({ type: 'string', writeOnly: true });
    const validate = compile(made);
    expect(validate({ key: reference('secret', 'K'), deep: { n: reference('env', 'N') } })).to.equal(true);
    expect(validate({ key: 'literal', deep: { n: 'x' } })).to.equal(false);
  });

  it('is an object of any kind where a library cannot say it, and an empty one where there are no options', () => {
    const foreign = { '~standard': { version: 1, vendor: 'x', validate: (value: unknown) => ({ value }) } };
    expect(compile(of(foreign))({ any: 1 })).to.equal(true);
    expect(compile(of(undefined))({ any: 1 })).to.equal(false);
  });
});
