import { expect } from 'chai';
import { definePlugin, type Plugin } from '../../../core/index.ts';
import { acme } from './example-plugins.ts';
import { resolveInline, shortly } from './project.ts';

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
