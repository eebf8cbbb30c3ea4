import { expect } from 'chai';
import type { Origin, Resolution } from '../../../core/config/resolved.ts';
import { acme, plain } from './example-plugins.ts';
import { resolveInline, shortly } from './project.ts';

function told(resolution: Resolution, key: string): unknown[] {
  return (resolution.origins.get(key) ?? []).map(({ layer, source, value }: Origin) => [
    layer,
    source,
    value,
  ]);
}

function enabled(resolution: Resolution, key: string) {
  const entry = resolution.config.plugins.find((entry) => entry.key === key);
  if (!entry?.enabled) throw new Error(`${key} is not enabled: ${shortly(resolution)}`);
  return entry;
}

describe('layers of a config', () => {
  const config = {
    signals: { logs: { level: 'warn' } },
    environments: { staging: { signals: { logs: { level: 'error' } } } },
  };
  const env = { OBS_ENV: 'staging', OBS_LOG_LEVEL: 'fatal' };
  const overrides = { signals: { logs: { level: 'debug' as const } } };

  const table: [string, object, string][] = [
    ['the default where nobody speaks', { config: {} }, 'info'],
    ['the file over the default', { config }, 'warn'],
    ['the overlay over the file', { config, env: { OBS_ENV: 'staging' } }, 'error'],
    ['a variable over the overlay', { config, env }, 'fatal'],
    ['createObs() over a variable', { config, env, overrides }, 'debug'],
  ];
  for (const [name, options, level] of table)
    it(`takes ${name}`, async () => {
      const resolution = await resolveInline({}, options);
      expect(resolution.config.signals.logs.level).to.equal(level);
      expect(resolution.problems).to.deep.equal([]);
    });

  it('says for a value what every layer said, weakest first', async () => {
    const resolution = await resolveInline(config, { env, overrides });
    expect(told(resolution, 'signals.logs.level')).to.deep.equal([
      ['default', 'built-in', 'info'],
      ['file', 'inline config', 'warn'],
      ['environment', 'inline config environments.staging', 'error'],
      ['variable', 'OBS_LOG_LEVEL', 'fatal'],
      ['code', 'createObs()', 'debug'],
    ]);
  });

  it('chooses the overlay by option, OBS_ENV, NODE_ENV and then development', async () => {
    const named = async (environment: string | undefined, env: Record<string, string>) => {
      const options = environment === undefined ? { env } : { env, environment };
      return (await resolveInline({}, options)).config.environment;
    };
    expect(await named('a', { OBS_ENV: 'b', NODE_ENV: 'c' })).to.equal('a');
    expect(await named(undefined, { OBS_ENV: 'b', NODE_ENV: 'c' })).to.equal('b');
    expect(await named(undefined, { OBS_ENV: '', NODE_ENV: 'c' })).to.equal('c');
    expect(await named(undefined, {})).to.equal('development');
  });

  it('accepts an environment that has no overlay and lists those that do', async () => {
    const resolution = await resolveInline(config, { environment: 'elsewhere' });
    expect(resolution.problems).to.deep.equal([]);
    expect(resolution.config.signals.logs.level).to.equal('warn');
    expect(resolution.environments).to.deep.equal(['staging']);
  });

  it('merges objects by key and replaces lists', async () => {
    const resolution = await resolveInline({
      service: { name: 'bot', attributes: { team: 'a', zone: 'x' } },
      redact: { keys: ['one', 'two'] },
      environments: { development: { service: { attributes: { zone: 'y' } }, redact: { keys: ['three'] } } },
    });
    expect(resolution.config.resource).to.deep.equal({
      serviceName: 'bot',
      attributes: { team: 'a', zone: 'y' },
    });
    expect(resolution.config.redact).to.deep.equal({ enabled: true, keys: ['three'] });
  });

  it('merges the short form of a signal with the long one', async () => {
    const { config } = await resolveInline(
      { signals: { logs: { level: 'debug' }, metrics: false, scores: true } },
      { overrides: { signals: { logs: false, metrics: { maxSeries: 5 } }, redact: false } },
    );
    expect(config.signals.logs).to.deep.equal({ enabled: false, level: 'debug' });
    expect(config.signals.metrics).to.deep.equal({ enabled: false, maxSeries: 5 });
    expect(config.signals.scores).to.deep.equal({ enabled: true });
    expect(config.redact.enabled).to.equal(false);
  });

  it('takes a key away with null, so that a setting has its default again', async () => {
    const resolution = await resolveInline({
      limits: { maxDepth: 3 },
      environments: { development: { limits: { maxDepth: null } } },
    });
    expect(resolution.config.limits.maxDepth).to.equal(12);
    expect(told(resolution, 'limits.maxDepth')).to.deep.equal([
      ['default', 'built-in', 12],
      ['file', 'inline config', 3],
      ['environment', 'inline config environments.development', null],
      ['default', 'built-in', 12],
    ]);
  });

  it('lets undefined say nothing', async () => {
    const overrides = { signals: { logs: { level: undefined } } } as object;
    const resolution = await resolveInline({ signals: { logs: { level: 'warn' } } }, { overrides });
    expect(resolution.config.signals.logs.level).to.equal('warn');
  });

  it('changes nothing in the objects it was given', async () => {
    const given = { signals: { logs: false }, plugins: { a: { use: plain, options: {} } } };
    await resolveInline(given, { overrides: { signals: { logs: true }, plugins: { a: null } } });
    expect(given).to.deep.equal({ signals: { logs: false }, plugins: { a: { use: plain, options: {} } } });
  });
});

describe('entries of several layers', () => {
  it('brings every form of an entry to the same one', async () => {
    const resolution = await resolveInline({
      plugins: {
        called: acme({ size: 1 }),
        bare: plain,
        named: 'json',
        long: { use: acme({ size: 1, endpoint: 'x' }), options: { size: 2 }, signals: ['logs'] },
        longBare: { use: plain },
        longNamed: { use: 'json', options: { destination: 'stderr' } },
      },
    });
    expect(shortly(resolution)).to.deep.equal([]);
    const seen = resolution.config.plugins.map(
      (entry) => entry.enabled && [entry.key, entry.plugin.name, entry.signals.length],
    );
    expect(seen).to.deep.equal([
      ['called', 'acme', 2],
      ['bare', 'plain', 1],
      ['named', 'json', 5],
      ['long', 'acme', 1],
      ['longBare', 'plain', 1],
      ['longNamed', 'json', 5],
    ]);
    expect(enabled(resolution, 'long').options).to.deep.equal({ size: 2, endpoint: 'x' });
    expect(enabled(resolution, 'longNamed').options).to.include({ destination: 'stderr' });
  });

  it('merges options of the same plugin by key, at any depth', async () => {
    const resolution = await resolveInline({
      plugins: { a: acme({ size: 1, tags: ['x', 'y'], retry: { max: 1, min: 0 } }) },
      environments: { development: { plugins: { a: acme({ tags: ['z'], retry: { max: 2 } }) } } },
    });
    const expected = { size: 1, tags: ['z'], retry: { max: 2, min: 0 } };
    expect(enabled(resolution, 'a').options).to.deep.equal(expected);
  });

  it('discards options when a layer changes the plugin, and says who did', async () => {
    const resolution = await resolveInline(
      { plugins: { a: acme({ endpoint: 'x' }) } },
      { overrides: { plugins: { a: { use: 'json', options: { destination: 'stdout' } } } } },
    );
    const { plugin, options } = enabled(resolution, 'a');
    expect(plugin.name).to.equal('json');
    expect(options).to.not.have.property('endpoint');
    expect(told(resolution, 'plugins.a.options.endpoint')).to.deep.equal([
      ['file', 'inline config', 'x'],
      ['code', 'createObs()', null],
    ]);
  });

  it('takes an option away with null', async () => {
    const resolution = await resolveInline({
      plugins: { a: acme({ endpoint: 'x', tags: ['t'] }) },
      environments: { development: { plugins: { a: { options: { endpoint: null } } } } },
    });
    expect(enabled(resolution, 'a').options).to.deep.equal({ size: 10, tags: ['t'] });
  });

  it('keeps settings of the host apart and hands them over', async () => {
    const resolution = await resolveInline({
      plugins: {
        a: { use: acme, delivery: { maxItems: 5, retry: { factor: 3 } }, capture: { content: false } },
      },
      environments: {
        development: {
          plugins: { a: { delivery: { retry: { maxDelayMs: 9, probeMs: 7 } }, strategy: { logs: 'batch' } } },
        },
      },
    });
    expect(enabled(resolution, 'a')).to.deep.include({
      delivery: { maxItems: 5, retry: { factor: 3, maxDelayMs: 9, probeMs: 7 } },
      strategy: { logs: 'batch' },
      captureContent: false,
    });
  });

  it('lists an entry that is off or removed with the layer that did it', async () => {
    const resolution = await resolveInline(
      {
        plugins: { a: acme, b: { use: plain, enabled: false }, c: 'json', d: plain },
        environments: { production: { plugins: { a: { enabled: false }, d: null } } },
      },
      { env: { NODE_ENV: 'production', OBS_PLUGINS: '-c' } },
    );
    expect(resolution.config.plugins).to.deep.equal([
      { key: 'a', enabled: false, name: 'acme', offBy: 'environments.production' },
      { key: 'b', enabled: false, name: 'plain', offBy: 'inline config' },
      { key: 'c', enabled: false, name: 'json', offBy: 'OBS_PLUGINS' },
      { key: 'd', enabled: false, name: 'plain', offBy: 'environments.production' },
    ]);
    expect(resolution.problems).to.deep.equal([]);
  });

  it('tells defaults of a plugin from what was written', async () => {
    const resolution = await resolveInline({ plugins: { a: acme({ endpoint: 'x' }) } });
    expect(told(resolution, 'plugins.a.options.size')).to.deep.equal([['default', 'default of acme', 10]]);
    expect(told(resolution, 'plugins.a.use')).to.deep.equal([['file', 'inline config', 'acme']]);
    expect(told(resolution, 'plugins.a.enabled')).to.deep.equal([['default', 'built-in', true]]);
  });
});
