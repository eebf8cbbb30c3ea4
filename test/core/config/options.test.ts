import { expect } from 'chai';
import * as z from 'zod';
import { secret } from '../../../core/config/define.ts';
import { definePlugin, type Plugin } from '../../../core/index.ts';
import { acme, plain } from './example-plugins.ts';
import { resolveInline, shortly } from './project.ts';

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

  it('that are z.lazy() are made once, and not for an entry that is off and has none', async () => {
    let made = 0;
    const options = z.lazy(() => {
      made += 1;
      return z.strictObject({ code: secret(), retry: z.strictObject({ max: z.number() }).optional() });
    });
    const late = definePlugin({
      name: 'late',
      apiVersion: 1,
      kind: 'exporter',
      signals: ['logs'],
      options,
      apply() {},
    });
    await resolveInline({ plugins: { x: { use: late, enabled: false } } });
    expect(made).to.equal(0);
    expect(await refused(late, { code: 1, retry: { mxa: 1 } })).to.deep.equal([
      '.code | OBS_PLUGIN_OPTIONS | expected a string, got number',
      '.retry.max | OBS_PLUGIN_OPTIONS | expected a number, got nothing',
      '.retry.mxa | OBS_PLUGIN_OPTIONS | unknown key "mxa" in retry (did you mean "max"?)',
    ]);
    expect(made).to.equal(1);
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
