import { join } from 'node:path';
import { expect } from 'chai';
import type { Resolution } from '../../../core/config/resolved.ts';
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
      'the default export among several',
      './both.mjs',
      {
        'both.mjs': `${pluginSource('other', 'export const other =')}\n${pluginSource('acme').split('\n')[1]}`,
      },
    ],
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
    [
      'nowhere',
      'tried obs-plugin-nowhere, nowhere; built in are json, duckdb, otel, langfuse, braintrust, memory, redact, filter, enrich, limit',
    ],
    [
      '@corp',
      'tried @corp/obs-plugin; built in are json, duckdb, otel, langfuse, braintrust, memory, redact, filter, enrich, limit',
    ],
    [
      '@corp/nowhere',
      'tried @corp/obs-plugin-nowhere, @corp/nowhere; built in are json, duckdb, otel, langfuse, braintrust, memory, redact, filter, enrich, limit',
    ],
    ['./nowhere.mjs', 'tried ./nowhere.mjs'],
    [
      'otle',
      'tried obs-plugin-otle, otle; built in are json, duckdb, otel, langfuse, braintrust, memory, redact, filter, enrich, limit (did you mean "otel"?)',
    ],
    [
      'fs',
      'tried obs-plugin-fs, fs; built in are json, duckdb, otel, langfuse, braintrust, memory, redact, filter, enrich, limit',
    ],
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
