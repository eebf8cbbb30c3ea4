import { expect } from 'chai';
import { env, secret } from '../../../core/config/define.ts';
import type { Environment } from '../../../core/config/reference.ts';
import { assertResolved } from '../../../core/config/resolve.ts';
import { definePlugin } from '../../../core/index.ts';
import { acme } from './example-plugins.ts';
import { removeProjects, resolveInline, resolveProject, shortly } from './project.ts';

async function optionsOf(options: object, variables: Environment = {}): Promise<unknown> {
  const resolution = await resolveInline({ plugins: { a: { use: acme, options } } }, { env: variables });
  const [entry] = resolution.config.plugins;
  return entry?.enabled ? entry.options : shortly(resolution);
}

describe('references to the environment', () => {
  it('read text, with a default where the variable is absent or empty', async () => {
    const options = {
      endpoint: env('URL'),
      tags: [env('TAG', 'none'), 'x'],
      headers: { a: env('EMPTY', 'd') },
    };
    expect(await optionsOf(options, { URL: 'http://x', EMPTY: '' })).to.deep.equal({
      endpoint: 'http://x',
      tags: ['none', 'x'],
      headers: { a: 'd' },
      size: 10,
    });
  });

  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: that is what data files hold
  it('are whole texts in data', async () => {
    const options = { endpoint: '${env:URL}', apiKey: '${secret:KEY}' };
    expect(await optionsOf(options, { URL: 'u', KEY: 'k' })).to.deep.equal({
      endpoint: 'u',
      apiKey: 'k',
      size: 10,
    });
  });

  it('are refused inside other text', async () => {
    const config = { plugins: { a: { use: acme, options: { endpoint: 'https://${env:HOST}/v1' } } } };
    expect(shortly(await resolveInline(config, { env: { HOST: 'h' } }))).to.deep.equal([
      'inline config | plugins.a.options.endpoint | OBS_CONFIG_TYPE | expected a reference to be the whole text, got it inside other text',
    ]);
  });
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above

  it('satisfy options that are numbers and booleans', async () => {
    const options = { size: env('SIZE'), isFast: env('FAST'), retry: { max: env('MAX', 7) } };
    expect(await optionsOf(options, { SIZE: '12.5', FAST: 'false' })).to.deep.equal({
      size: 12.5,
      isFast: false,
      retry: { max: 7 },
    });
  });

  it('stay text where text is asked for, even if it looks like a number', async () => {
    const options = { endpoint: env('A'), size: env('B') };
    expect(await optionsOf(options, { A: '42', B: '42' })).to.deep.equal({ endpoint: '42', size: 42 });
  });

  it('are refused with their type and without their value where the text does not fit', async () => {
    expect(await optionsOf({ size: env('SIZE') }, { SIZE: 'canary' })).to.deep.equal([
      'inline config | plugins.a.options.size | OBS_PLUGIN_OPTIONS | expected a number, got string',
    ]);
  });

  it('give settings of the host their values, also whether an entry is on', async () => {
    const resolution = await resolveInline(
      {
        service: { name: env('NAME') },
        signals: { tracing: { sample: env('RATIO') }, logs: { enabled: env('LOGS') } },
        shutdownTimeoutMs: env('WAIT', 10),
        plugins: {
          on: { use: acme, enabled: env('ON', false), delivery: { maxItems: env('ITEMS') } },
          off: { use: acme, enabled: env('ABSENT', false) },
        },
      },
      { env: { NAME: 'bot', RATIO: '0.5', LOGS: 'false', ON: 'true', ITEMS: '3' } },
    );
    expect(resolution.problems).to.deep.equal([]);
    const { config } = resolution;
    expect(config.resource.serviceName).to.equal('bot');
    expect(config.signals.tracing.sample).to.equal(0.5);
    expect(config.signals.logs.enabled).to.equal(false);
    expect(config.shutdownTimeoutMs).to.equal(10);
    expect(config.plugins.map(({ enabled }) => enabled)).to.deep.equal([true, false]);
    expect(config.plugins[0]).to.deep.include({ delivery: { maxItems: 3 } });
  });

  it('are checked as settings of the host and leave the default where they do not fit', async () => {
    const config = { signals: { tracing: { sample: env('RATIO') } }, environments: { development: {} } };
    const resolution = await resolveInline(config, { env: { RATIO: '7' } });
    expect(shortly(resolution)).to.deep.equal([
      'inline config | signals.tracing.sample | OBS_CONFIG_TYPE | expected a number from 0 to 1, got number',
    ]);
    expect(resolution.config.signals.tracing.sample).to.equal(1);
  });

  it('are problems that name the variable when it is missing, at the layer that asked', async () => {
    const resolution = await resolveInline(
      {
        plugins: { a: acme({ endpoint: 'x' }) },
        environments: {
          production: { plugins: { a: { options: { endpoint: env('URL'), apiKey: secret('KEY') } } } },
        },
      },
      { environment: 'production', env: { KEY: '' } },
    );
    expect(shortly(resolution)).to.deep.equal([
      'inline config | environments.production.plugins.a.options.endpoint | OBS_CONFIG_ENV_MISSING | the environment variable URL is not set',
      'inline config | environments.production.plugins.a.options.apiKey | OBS_CONFIG_SECRET_MISSING | the environment variable KEY, a secret, is not set',
    ]);
  });

  it('are one problem where the option is required too', async () => {
    const needy = definePlugin({
      name: 'needy',
      apiVersion: 1,
      kind: 'exporter',
      signals: [],
      options: (await import('zod')).strictObject({ url: (await import('zod')).string() }),
      apply() {},
    });
    const resolution = await resolveInline({ plugins: { a: needy({ url: env('URL') }) } });
    expect(resolution.problems.map(({ code }) => code)).to.deep.equal(['OBS_CONFIG_ENV_MISSING']);
  });

  it('are not read for an entry that is off', async () => {
    const config = { plugins: { a: { use: acme({ apiKey: secret('KEY') }), enabled: false } } };
    expect((await resolveInline(config)).problems).to.deep.equal([]);
  });

  it('are overridden unread by a stronger layer', async () => {
    const config = { plugins: { a: acme({ endpoint: env('ABSENT') }) } };
    const overrides = { plugins: { a: { options: { endpoint: 'given' } } } };
    expect((await resolveInline(config, { overrides })).problems).to.deep.equal([]);
  });

  it('show their variable among the origins', async () => {
    const config = {
      plugins: { a: acme({ endpoint: env('URL'), apiKey: secret('KEY'), size: env('N', 3) }) },
    };
    const { origins } = await resolveInline(config, { env: { URL: 'http://x', KEY: 'k' } });
    const value = (key: string) => {
      const { value, variable } = origins.get(`plugins.a.options.${key}`)!.at(-1)!;
      return [value, variable];
    };
    expect(value('endpoint')).to.deep.equal(['http://x', 'URL']);
    expect(value('apiKey')).to.deep.equal(['••••', 'KEY']);
    expect(value('size')).to.deep.equal([3, 'N']);
  });
});

describe('secrets', () => {
  afterEach(removeProjects);

  const canary = 'canary-8f3a11';
  /** A schema of another library that repeats what it was given, as some do. */
  const chatty = definePlugin<{ password?: string; url?: string }>({
    name: 'chatty',
    apiVersion: 1,
    kind: 'exporter',
    signals: ['logs'],
    options: {
      '~standard': {
        version: 1,
        vendor: 'elsewhere',
        validate: (value) => ({
          issues: [{ message: `cannot use ${JSON.stringify(value)}`, path: ['url'] }],
        }),
      },
    },
    apply() {},
  });

  const places: [string, object, Environment][] = [
    ['a reference marked as secret', { a: chatty({ url: secret('X') }) }, { X: canary }],
    ['a key that looks secret', { a: chatty({ password: canary }) }, {}],
    ['an option whose schema says secret', { a: { use: acme({ apiKey: canary }), signals: ['scores'] } }, {}],
    ['a header', { a: { use: acme({ headers: { 'x-team': canary } }), signals: ['scores'] } }, {}],
    ['the user of a URL', { a: acme({ endpoint: `https://me:${canary}@host`, size: 'x' as never }) }, {}],
    ['a variable whose name says secret', { a: chatty({ url: canary }) }, { SOME_API_KEY: canary }],
    ['options of the wrong type', { a: { use: acme, options: canary } }, {}],
    ['an entry that is off', { a: { use: acme({ apiKey: canary }), enabled: false }, b: 1 }, {}],
    [
      'an entry by name that is off',
      { a: { use: 'json', options: { token: canary }, enabled: false }, b: 1 },
      {},
    ],
  ];
  for (const [name, plugins, variables] of places)
    it(`are never shown: ${name}`, async () => {
      const resolution = await resolveInline({ plugins }, { env: variables });
      expect(resolution.problems).to.not.deep.equal([]);
      expect(JSON.stringify(resolution.problems)).to.not.include(canary);
      expect(JSON.stringify([...resolution.origins])).to.not.include(canary);
    });

  it('are not repeated from what a config throws', async () => {
    const resolution = await resolveProject(
      { 'obs.config.mjs': `throw new Error("bad key ${canary}");` },
      { env: { SOME_API_KEY: canary } },
    );
    expect(resolution.problems[0]!.message).to.equal('Error: bad key •••• at obs.config.mjs:1:7');
    expect(() => assertResolved(resolution))
      .to.throw()
      .with.property('message')
      .not.include(canary);
  });

  it('are not taken for such because their entry has a telling name', async () => {
    const { origins } = await resolveInline({ plugins: { auth: acme({ endpoint: 'seen' }) } });
    expect(origins.get('plugins.auth.options.endpoint')!.at(-1)!.value).to.equal('seen');
  });

  it('reach the plugin as they are', async () => {
    expect(await optionsOf({ apiKey: secret('X') }, { X: canary })).to.deep.include({ apiKey: canary });
  });
});
