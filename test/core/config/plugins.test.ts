import { join } from 'node:path';
import { expect } from 'chai';
import * as z from 'zod';
import { secret } from '../../../core/config/define.ts';
import type { Resolution } from '../../../core/config/resolved.ts';
import { definePlugin, type Plugin } from '../../../core/index.ts';
import { acme, plain } from './example-plugins.ts';
import { createProject, removeProjects, resolveInline, resolveProject, shortly } from './project.ts';

/** The source of a module that exports a plugin. */
function pluginSource(name: string, how = 'export default'): string {
  return `import { definePlugin } from 'obs-kit';
${how} definePlugin({ name: '${name}', apiVersion: 1, kind: 'exporter', signals: ['logs'], apply() {} });`;
}

function using(use: string): string {
  return `export default { plugins: { x: { use: ${JSON.stringify(use)} } } };`;
}

function nameOf(resolution: Resolution): string | undefined {
  const [entry] = resolution.config.plugins;
  return entry?.enabled ? entry.plugin.name : shortly(resolution).join('; ');
}

describe('plugins by name', () => {
  afterEach(removeProjects);

  const found: [string, string, Record<string, string>][] = [
    ['a built-in one', 'json', {}],
    ['a built-in one by its entry', 'obs-kit/duckdb', {}],
    [
      'a package by its short name',
      'acme',
      {
        'node_modules/obs-plugin-acme/package.json': '{ "type": "module", "main": "main.js" }',
        'node_modules/obs-plugin-acme/main.js': pluginSource('acme'),
        'node_modules/acme/index.js': 'throw new Error("not this one")',
      },
    ],
    [
      'a package by its full name',
      'obs-plugin-acme',
      {
        'node_modules/obs-plugin-acme/package.json': '{ "type": "module", "exports": "./main.js" }',
        'node_modules/obs-plugin-acme/main.js': pluginSource('acme'),
      },
    ],
    [
      'a package whose name has no prefix',
      'shipping',
      {
        'node_modules/shipping/package.json': '{ "type": "module", "exports": "./main.js" }',
        'node_modules/shipping/main.js': pluginSource('acme', 'export const one ='),
      },
    ],
    [
      'a package for import alone',
      'acme',
      {
        'node_modules/obs-plugin-acme/package.json':
          '{ "type": "module", "exports": { ".": { "types": "./x.d.ts", "import": { "default": "./main.js" } } } }',
        'node_modules/obs-plugin-acme/main.js': pluginSource('acme'),
      },
    ],
    [
      'an entry of a package for import alone',
      '@corp/kit/acme',
      {
        'node_modules/@corp/kit/package.json':
          '{ "type": "module", "exports": { "./acme": { "import": "./main.js" } } }',
        'node_modules/@corp/kit/main.js': pluginSource('acme'),
      },
    ],
    [
      'a package of CommonJS',
      'acme',
      {
        'node_modules/obs-plugin-acme/index.js': `const plugin = () => ({ use: plugin, options: {} });
for (const [key, value] of Object.entries({ name: 'acme', apiVersion: 1, kind: 'exporter', signals: ['logs'], apply() {} }))
  Object.defineProperty(plugin, key, { value });
plugin[Symbol.for('obs.plugin')] = true;
exports['of' + 'this'] = plugin;`,
      },
    ],
    [
      'the package of a scope',
      '@corp',
      {
        'node_modules/@corp/obs-plugin/package.json': '{ "type": "module", "exports": "./main.js" }',
        'node_modules/@corp/obs-plugin/main.js': pluginSource('acme'),
      },
    ],
    [
      'a package of a scope by its short name',
      '@corp/acme',
      {
        'node_modules/@corp/obs-plugin-acme/package.json': '{ "type": "module", "exports": "./main.js" }',
        'node_modules/@corp/obs-plugin-acme/main.js': pluginSource('acme'),
      },
    ],
    [
      'a package of a scope by its full name',
      '@corp/acme',
      {
        'node_modules/@corp/acme/package.json': '{ "type": "module", "exports": "./main.js" }',
        'node_modules/@corp/acme/main.js': pluginSource('acme'),
      },
    ],
    ['a path', './plugins/acme.mjs', { 'plugins/acme.mjs': pluginSource('acme') }],
    [
      'a path to TypeScript',
      './acme.ts',
      { 'acme.ts': pluginSource('acme').replace('apply()', 'apply(): void') },
    ],
  ];
  for (const [name, use, files] of found)
    it(`finds ${name}`, async () => {
      const resolution = await resolveProject({ 'obs.config.mjs': using(use), ...files });
      expect(nameOf(resolution)).to.equal(
        use === 'json' ? 'json' : use.endsWith('duckdb') ? 'duckdb' : 'acme',
      );
    });

  it('takes a path from the directory of the config, or an absolute one', async () => {
    const files = { 'acme.mjs': pluginSource('near'), 'inner/acme.mjs': pluginSource('inner') };
    const cwd = createProject({ ...files, 'inner/settings.mjs': using('./acme.mjs') });
    const options = { cwd, env: { OBS_CONFIG_FILE: 'inner/settings.mjs' } };
    expect(nameOf(await resolveProject({}, options))).to.equal('inner');
    expect(nameOf(await resolveInline({ plugins: { x: join(cwd, 'acme.mjs') } }))).to.equal('near');
  });

  it('takes a package from where the config is, not from where the process is', async () => {
    const files = {
      'obs.config.mjs': using('acme'),
      'node_modules/obs-plugin-acme/package.json': '{ "type": "module", "exports": "./main.js" }',
      'node_modules/obs-plugin-acme/main.js': pluginSource('acme'),
    };
    const file = join(createProject(files), 'obs.config.mjs');
    expect(nameOf(await resolveProject({}, { env: { OBS_CONFIG_FILE: file } }))).to.equal('acme');
  });

  it('loads nothing that is off or removed', async () => {
    const config = `export default {
      plugins: { off: { use: './throws.mjs', enabled: false }, gone: { use: './throws.mjs' } },
      environments: { development: { plugins: { gone: null } } },
    };`;
    const resolution = await resolveProject({
      'obs.config.mjs': config,
      'throws.mjs': 'globalThis.wasLoaded = true; throw new Error("loaded")',
    });
    expect(shortly(resolution)).to.deep.equal([]);
    expect(globalThis).to.not.have.property('wasLoaded');
  });

  const missing: [string, string][] = [
    ['nowhere', 'tried obs-plugin-nowhere, nowhere; built in are json, duckdb'],
    ['@corp', 'tried @corp/obs-plugin; built in are json, duckdb'],
    ['@corp/nowhere', 'tried @corp/obs-plugin-nowhere, @corp/nowhere; built in are json, duckdb'],
    ['./nowhere.mjs', 'tried ./nowhere.mjs'],
    ['fs', 'tried obs-plugin-fs, fs; built in are json, duckdb'],
  ];
  for (const [use, tried] of missing)
    it(`says what was tried for ${use}`, async () => {
      expect(shortly(await resolveProject({ 'obs.config.mjs': using(use) }))).to.deep.equal([
        `obs.config.mjs | plugins.x.use | OBS_PLUGIN_NOT_FOUND | no plugin "${use}": ${tried}`,
      ]);
    });

  it('says which line of a plugin throws when it is loaded, with the cause', async () => {
    const resolution = await resolveProject({
      'obs.config.mjs': using('./bad.mjs'),
      'bad.mjs': '\nthrow new RangeError("no")',
    });
    expect(shortly(resolution)).to.deep.equal([
      'obs.config.mjs | plugins.x.use | OBS_PLUGIN_LOAD | "./bad.mjs" could not be loaded: RangeError: no at bad.mjs:2:7',
    ]);
    expect(resolution.problems[0]!.cause).to.be.instanceOf(RangeError);
  });

  const wrong: [string, string, string][] = [
    ['exports nothing', '', 'exports no plugin (only nothing)'],
    [
      'exports something else',
      'export const a = 1; export default {};',
      'exports no plugin (only a, default)',
    ],
    [
      'exports several plugins',
      `${pluginSource('one', 'export const one =')}\n${pluginSource('two', 'export const two =').split('\n')[1]}`,
      'exports several plugins (one, two) and none as default',
    ],
  ];
  for (const [name, source, message] of wrong)
    it(`refuses a module that ${name}`, async () => {
      const resolution = await resolveProject({ 'obs.config.mjs': using('./x.mjs'), 'x.mjs': source });
      expect(shortly(resolution)).to.deep.equal([
        `obs.config.mjs | plugins.x.use | OBS_PLUGIN_NOT_A_PLUGIN | "./x.mjs" ${message}`,
      ]);
    });
});

describe('plugins in a config', () => {
  const notPlugins: [string, unknown, string][] = [
    [
      'a function',
      () => {},
      'plugins.x | OBS_PLUGIN_NOT_A_PLUGIN | expected a plugin, got a function that definePlugin() did not make',
    ],
    [
      'a number',
      5,
      'plugins.x | OBS_CONFIG_TYPE | expected a plugin, its name or { use, ... }, got number (5)',
    ],
    [
      'an empty name',
      '',
      'plugins.x | OBS_CONFIG_TYPE | expected a plugin, its name or { use, ... }, got string ("")',
    ],
    [
      'a list',
      ['json'],
      'plugins.x | OBS_CONFIG_TYPE | expected a plugin, its name or { use, ... }, got a list',
    ],
    [
      'a definition',
      { use: { name: 'x', apply() {} } },
      'plugins.x.use | OBS_PLUGIN_NOT_A_PLUGIN | expected what definePlugin() returned or a name, got a definition',
    ],
    [
      'nothing',
      { options: {} },
      'plugins.x | OBS_CONFIG_TYPE | expected a plugin or its name in `use`, got nothing',
    ],
  ];
  for (const [name, entry, expected] of notPlugins)
    it(`refuses ${name} in place of one, once`, async () => {
      expect(shortly(await resolveInline({ plugins: { x: entry } }))).to.deep.equal([
        `inline config | ${expected}`,
      ]);
    });

  function broken(change: object): Plugin {
    return definePlugin({
      name: 'broken',
      apiVersion: 1,
      kind: 'exporter',
      signals: ['logs'],
      apply() {},
      ...change,
    } as never) as unknown as Plugin;
  }
  const manifests: [string, object, string][] = [
    [
      'another API',
      { apiVersion: 2 },
      'OBS_PLUGIN_API_VERSION | broken is made for plugin API 2, this host has 1',
    ],
    ['no apply', { apply: undefined }, 'OBS_PLUGIN_NO_APPLY | broken has no apply function'],
    [
      'options that are no schema',
      { options: { endpoint: 'string' } },
      'OBS_PLUGIN_MANIFEST | broken: options: expected a Standard Schema',
    ],
  ];
  for (const [name, change, expected] of manifests)
    it(`refuses one with ${name}`, async () => {
      expect(shortly(await resolveInline({ plugins: { x: broken(change) } }))).to.deep.equal([
        `inline config | plugins.x.use | ${expected}`,
      ]);
    });

  it('refuses one with a bad manifest', async () => {
    const [problem] = (await resolveInline({ plugins: { x: broken({ kind: 'sink' }) } })).problems;
    expect(problem).to.deep.include({ code: 'OBS_PLUGIN_MANIFEST', path: 'plugins.x.use' });
    expect(problem!.message).to.match(/^broken: kind: /);
  });

  it('refuses signals that the plugin does not support, at the layer that asked for them', async () => {
    const resolution = await resolveInline({
      plugins: { x: { use: acme, signals: ['logs'] } },
      environments: { development: { plugins: { x: { signals: ['logs', 'scores', 'metrics'] } } } },
    });
    const place = 'inline config | environments.development.plugins.x.signals';
    const supported = 'it supports tracing, logs';
    expect(shortly(resolution)).to.deep.equal([
      `${place} | OBS_PLUGIN_SIGNAL_UNSUPPORTED | acme does not support scores; ${supported}`,
      `${place} | OBS_PLUGIN_SIGNAL_UNSUPPORTED | acme does not support metrics; ${supported}`,
    ]);
  });

  it('gives an entry the signals it names, in the order of all signals', async () => {
    const { config } = await resolveInline({
      plugins: { x: { use: acme, signals: ['logs', 'tracing', 'logs'] } },
    });
    expect(config.plugins[0]).to.deep.include({ signals: ['tracing', 'logs'] });
  });
});

describe('options of plugins', () => {
  async function refused(plugin: unknown, options: object): Promise<string[]> {
    const resolution = await resolveInline({ plugins: { x: { use: plugin, options } } });
    return shortly(resolution).map((line) => line.replace('inline config | plugins.x.options', ''));
  }

  it('are all checked, each mistake at its key', async () => {
    expect(
      await refused(acme, { endpont: 'x', size: 'big', tags: ['a', 1], retry: { mxa: 1 } }),
    ).to.deep.equal([
      '.size | OBS_PLUGIN_OPTIONS | expected a number, got string ("big")',
      '.tags.1 | OBS_PLUGIN_OPTIONS | expected a string, got number (1)',
      '.retry.mxa | OBS_PLUGIN_OPTIONS | unknown key "mxa" in retry (did you mean "max"?)',
      '.endpont | OBS_PLUGIN_OPTIONS | unknown key "endpont" (did you mean "endpoint"?)',
    ]);
  });

  it('that are missing are laid to the layer that named the plugin', async () => {
    const needy = definePlugin({
      name: 'needy',
      apiVersion: 1,
      kind: 'exporter',
      signals: ['logs'],
      options: z.strictObject({ url: z.string(), size: z.number().optional() }),
      apply() {},
    });
    const resolution = await resolveInline({
      plugins: { x: { use: needy, enabled: false } },
      environments: { development: { plugins: { x: { enabled: true, options: { size: 1 } } } } },
    });
    expect(shortly(resolution)).to.deep.equal([
      'inline config | plugins.x.options.url | OBS_PLUGIN_OPTIONS | expected a string, got nothing',
    ]);
  });

  it('are none for a plugin that declares none', async () => {
    expect(await refused(plain, { a: 1 })).to.deep.equal(['.a | OBS_PLUGIN_OPTIONS | unknown key "a"']);
  });

  it('must be an object', async () => {
    expect(shortly(await resolveInline({ plugins: { x: acme(5 as never) } }))).to.deep.equal([
      'inline config | plugins.x.options | OBS_CONFIG_TYPE | expected an object, got number',
    ]);
  });

  it('that a schema would drop unsaid are refused too', async () => {
    const lax = definePlugin({
      name: 'lax',
      apiVersion: 1,
      kind: 'exporter',
      signals: ['logs'],
      options: z.object({ endpoint: z.string().optional() }),
      apply() {},
    });
    expect(await refused(lax, { endpont: 'x' })).to.deep.equal([
      '.endpont | OBS_PLUGIN_OPTIONS | unknown key "endpont" (did you mean "endpoint"?)',
    ]);
  });

  it('that a schema passes on are accepted', async () => {
    const open = definePlugin({
      name: 'open',
      apiVersion: 1,
      kind: 'exporter',
      signals: ['logs'],
      options: z.looseObject({}),
      apply() {},
    });
    const resolution = await resolveInline({ plugins: { x: { use: open, options: { any: { thing: 1 } } } } });
    expect(resolution.config.plugins[0]).to.deep.include({ options: { any: { thing: 1 } } });
  });

  /** A schema of another library, as a plugin with its own copy of zod would bring one. */
  function foreign(validate: (value: never) => unknown): Plugin {
    const options = { '~standard': { version: 1, vendor: 'elsewhere', validate } };
    const definition = {
      name: 'foreign',
      apiVersion: 1,
      kind: 'exporter',
      signals: ['logs'],
      options,
      apply() {},
    };
    return definePlugin(definition as never) as unknown as Plugin;
  }

  it('are checked by any Standard Schema, also one that takes its time', async () => {
    const schema = async ({ size }: { size: unknown }) =>
      typeof size === 'number'
        ? { value: { size: size * 2 } }
        : { issues: [{ message: 'not a size', path: [{ key: 'size' }] }] };
    const resolution = await resolveInline({
      plugins: { x: { use: foreign(schema), options: { size: 4 } } },
    });
    expect(resolution.config.plugins[0]).to.deep.include({ options: { size: 8 } });
    expect(await refused(foreign(schema), { size: 'x' })).to.deep.equal([
      '.size | OBS_PLUGIN_OPTIONS | not a size',
    ]);
  });

  it('by a schema that throws are a problem with the cause, not a failure', async () => {
    const schema = foreign(() => {
      throw new RangeError('broken schema');
    });
    const resolution = await resolveInline({ plugins: { x: schema } });
    expect(shortly(resolution)).to.deep.equal([
      'inline config | plugins.x.options | OBS_PLUGIN_OPTIONS | the options schema of foreign failed: broken schema',
    ]);
    expect(resolution.problems[0]!.cause).to.be.instanceOf(RangeError);
  });

  it('of a class are handed on as they are', async () => {
    class Client {
      name = 'mine';
    }
    const client = new Client();
    const plugin = foreign((value) => ({ value }));
    const resolution = await resolveInline({
      plugins: { x: { use: plugin, options: { client, call: resolveInline } } },
    });
    const [entry] = resolution.config.plugins;
    expect(entry?.enabled && (entry.options as { client: Client }).client).to.equal(client);
    expect(resolution.origins.get('plugins.x.options.client')!.at(-1)!.value).to.equal('[Client]');
    expect(resolution.origins.get('plugins.x.options.call')!.at(-1)!.value).to.equal(
      '[function resolveInline]',
    );
  });

  it('made by secret() are masked inside anything that wraps them', async () => {
    const vault = definePlugin({
      name: 'vault',
      apiVersion: 1,
      kind: 'exporter',
      signals: ['logs'],
      options: z.strictObject({
        plainText: z.string(),
        door: z
          .strictObject({ code: secret().min(3).optional(), more: z.array(secret().nullable()) })
          .optional(),
        pins: z.record(z.string(), z.union([z.number(), secret()])).default({}),
      }),
      apply() {},
    });
    const options = { plainText: 'seen', door: { code: 'abcd', more: ['efgh'] }, pins: { front: 'ijkl' } };
    const { origins } = await resolveInline({ plugins: { x: vault(options) } });
    const shown = (key: string) => origins.get(`plugins.x.options.${key}`)!.at(-1)!.value;
    expect(shown('plainText')).to.equal('seen');
    expect(shown('door.code')).to.equal('••••');
    expect(shown('door.more')).to.deep.equal(['••••']);
    expect(shown('pins.front')).to.equal('••••');
  });
});
