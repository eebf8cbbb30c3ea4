import { expect } from 'chai';
import { env } from '../../../core/index.ts';
import { enrich } from '../../../plugins/enrich/index.ts';
import { json } from '../../../plugins/json/index.ts';
import { redact } from '../../../plugins/redact/index.ts';
import { resolveInline, shortly } from './project.ts';

const use = json({ destination: 'stdout' });

async function processorsOf(processors: unknown, more: object = {}) {
  const resolution = await resolveInline({ plugins: { own: { use, processors } }, ...more } as never, {
    env: { REGION: 'eu', OBS_ENV: 'test' },
  });
  const [entry] = resolution.config.plugins;
  const found = entry?.enabled ? (entry.processors ?? []) : [];
  return { resolution, found: found.map(({ plugin, options }) => [plugin.name, options]) };
}

describe('processors in a config', () => {
  it('may be written in every form of an entry, with references', async () => {
    const { resolution, found } = await processorsOf([
      'limit',
      redact({ keys: ['email'] }),
      { use: redact({ keys: ['a'] }), options: { mark: '_' } },
      { use: 'enrich', options: { labels: { region: env('REGION') } } },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a reference looks in data
      { use: enrich, options: { labels: { region: '${env:REGION}' } } },
    ]);
    expect(shortly(resolution)).to.deep.equal([]);
    expect(found.map(([name]) => name)).to.deep.equal(['limit', 'redact', 'redact', 'enrich', 'enrich']);
    expect(found[0]?.[1]).to.deep.equal({ maxSeries: 200, metrics: {} });
    expect(found[2]?.[1]).to.deep.include({ keys: ['a'], mark: '_' });
    for (const [, options] of found.slice(3)) expect(options).to.deep.include({ labels: { region: 'eu' } });
  });

  it('are replaced as a list by a later layer', async () => {
    const environments = { test: { plugins: { own: { processors: ['limit'] } } } };
    const { found } = await processorsOf([redact({ keys: ['email'] })], { environments });
    expect(found.map(([name]) => name)).to.deep.equal(['limit']);
  });

  it('are reported with their place when something is wrong', async () => {
    const { resolution } = await processorsOf([
      use,
      'nowhere',
      5,
      { options: {} },
      redact({ keyz: ['a'], keys: ['b'] } as never),
    ]);
    expect(shortly(resolution)).to.deep.equal([
      'inline config | plugins.own.processors.2 | OBS_CONFIG_TYPE | expected a plugin, its name or { use, ... }, got number (5)',
      'inline config | plugins.own.processors.3 | OBS_CONFIG_TYPE | expected a processor, its name or { use, options }, got an object',
      'inline config | plugins.own.processors.0.use | OBS_CONFIG_TYPE | expected a processor, got the exporter "json"',
      'inline config | plugins.own.processors.1.use | OBS_PLUGIN_NOT_FOUND | no plugin "nowhere": tried obs-plugin-nowhere, nowhere; built in are json, duckdb, otel, langfuse, braintrust, memory, redact, filter, enrich, limit',
      'inline config | plugins.own.processors.4.options.keyz | OBS_PLUGIN_OPTIONS | unknown key "keyz" (did you mean "keys"?)',
    ]);
    const { resolution: noList } = await processorsOf('redact');
    expect(shortly(noList)).to.deep.equal([
      'inline config | plugins.own.processors | OBS_CONFIG_TYPE | expected a list, got string',
    ]);
  });
});
