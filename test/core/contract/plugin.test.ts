import { expect } from 'chai';
import type { PluginHost } from '../../../core/contract/host.ts';
import {
  definePlugin,
  isPlugin,
  isPluginUse,
  manifestProblem,
  type Plugin,
} from '../../../core/contract/plugin.ts';
import type { ObsError } from '../../../core/errors.ts';
import { wire } from '../../../core/wire.ts';
import { createTestHost, resolvedConfig } from '../../kit/host.ts';
import { pluginOf, settled } from '../plugins.ts';

const problemOf = (definition: unknown): string | undefined =>
  manifestProblem(definePlugin(definition as never) as unknown as Plugin)?.message;

/** What applying a plugin finds wrong. */
function mistakes(plugin: Plugin): ObsError[] {
  const { registry } = wire(resolvedConfig(), { warn: () => {} });
  return registry.apply({
    key: 'entry',
    enabled: true,
    plugin,
    options: {},
    signals: plugin.signals,
    delivery: {},
    strategy: {},
    captureContent: undefined,
  });
}

const MANIFEST = { name: 'acme', apiVersion: 1, kind: 'exporter', signals: ['logs'], apply() {} };

describe('definePlugin', () => {
  it('gives the manifest, which is at once the factory of entries', () => {
    const plugin = definePlugin({ ...MANIFEST, description: 'An example' } as never) as unknown as Plugin;
    expect(plugin).to.deep.include({
      name: 'acme',
      apiVersion: 1,
      kind: 'exporter',
      description: 'An example',
    });
    const use = plugin({ endpoint: 'x' } as never);
    expect(use).to.deep.equal({ use: plugin, options: { endpoint: 'x' } });
    expect(plugin().options).to.deep.equal({});
    expect([isPlugin(plugin), isPlugin(use), isPluginUse(use), isPluginUse(plugin)]).to.deep.equal([
      true,
      false,
      true,
      false,
    ]);
  });

  it('marks plugins so that another copy of the package knows them', () => {
    const foreign = Object.assign(() => {}, { [Symbol.for('obs.plugin')]: true });
    expect(isPlugin(foreign)).to.equal(true);
    expect(isPluginUse({ use: foreign, options: {}, [Symbol.for('obs.plugin-use')]: true })).to.equal(true);
    expect(isPlugin({ ...MANIFEST })).to.equal(false);
    expect(isPluginUse({ use: foreign, options: {} })).to.equal(false);
  });

  it('never throws: what is wrong with a manifest is found when it is used', () => {
    expect(problemOf(MANIFEST)).to.equal(undefined);
    expect(problemOf(undefined)).to.match(/^OBS_PLUGIN_API_VERSION: \(unnamed\)/);
    expect(problemOf({ ...MANIFEST, apiVersion: 2 })).to.equal(
      'OBS_PLUGIN_API_VERSION: acme is made for plugin API 2, this host has 1',
    );
    expect(problemOf({ ...MANIFEST, apply: 'later' })).to.equal(
      'OBS_PLUGIN_NO_APPLY: acme has no apply function',
    );
    const { apply: _, ...withoutApply } = MANIFEST;
    expect(problemOf(withoutApply)).to.equal('OBS_PLUGIN_NO_APPLY: acme has no apply function');
    const { name: __, ...withoutName } = MANIFEST;
    expect(problemOf(withoutName)).to.match(/^OBS_PLUGIN_MANIFEST: \(unnamed\): name: /);
    expect(problemOf({ ...MANIFEST, name: 'Not A Name' })).to.include(
      'lower case letters, digits and dashes',
    );
    expect(problemOf({ ...MANIFEST, signals: ['spans'] })).to.match(
      /^OBS_PLUGIN_MANIFEST: acme: signals\.0: /,
    );
    expect(problemOf({ ...MANIFEST, kind: 'sink', redelivery: 'maybe' })).to.match(/kind: .*; redelivery: /);
  });
});

describe('applying a plugin', () => {
  it('is refused under a key that is taken', () => {
    const { registry } = wire(resolvedConfig(), { warn: () => {} });
    const applied: string[] = [];
    const entry = (label: string) => {
      const plugin = pluginOf(() => void applied.push(label));
      return {
        key: 'twin',
        enabled: true as const,
        plugin,
        options: {},
        signals: plugin.signals,
        delivery: {},
        strategy: {},
        captureContent: undefined,
      };
    };
    expect(registry.apply(entry('first'))).to.deep.equal([]);
    expect(registry.apply(entry('second')).map(({ code }) => code)).to.deep.equal(['OBS_PLUGIN_DUPLICATE']);
    expect(applied).to.deep.equal(['first']);
  });

  it('reports an apply that throws, with what it threw', () => {
    const cause = new TypeError('no endpoint');
    const [problem] = mistakes(
      pluginOf(() => {
        throw cause;
      }),
    );
    expect(problem!.message).to.equal('OBS_PLUGIN_APPLY: apply() of "entry" (example) threw: no endpoint');
    expect(problem!.cause).to.equal(cause);
  });

  it('refuses an apply that is asynchronous, whose failures nobody would see', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.prependListener('unhandledRejection', note);
    const [problem] = mistakes(
      pluginOf((async (host: PluginHost) => {
        await settled();
        host.hooks.logs.tap(() => {});
      }) as never),
    );
    await settled();
    await settled();
    process.off('unhandledRejection', note);
    expect(problem!.message).to.include('it returned a promise, and must not be async');
    expect(unhandled).to.deep.equal([]);
  });

  const undeclared: Record<string, (host: PluginHost) => void> = {
    'taps its hook': (host) => host.hooks.metrics.tap(() => {}),
    'asks for a delivery': (host) => host.deliver.metrics(async () => {}),
    'processes it': (host) => host.process.metrics('enrich', (event) => event),
    'registers an exporter with a handler for it': (host) =>
      host.registerExporter({ name: 'x', onMetricEvent: () => {} }),
  };
  for (const [what, apply] of Object.entries(undeclared)) {
    it(`refuses a plugin that ${what} for a signal that its manifest does not declare`, () => {
      const [problem] = mistakes(pluginOf(apply, { signals: ['logs', 'scores'] }));
      expect(problem!.message).to.equal(
        'OBS_PLUGIN_SIGNAL_UNDECLARED: example taps metrics, its manifest declares: logs, scores',
      );
    });
  }

  it('allows taps and registrations during apply only', () => {
    let kept!: PluginHost;
    const { start } = createTestHost({
      plugins: {
        entry: pluginOf((host) => {
          kept = host;
        }),
      },
    });
    void start();
    const late = [
      () => kept.hooks.logs.tap(() => {}),
      () => kept.hooks.start.tap(() => {}),
      () => kept.hooks.flush.tap(() => {}),
      () => kept.hooks.shutdown.tap(() => {}),
      () => kept.deliver.logs(async () => {}),
      () => kept.process.logs('enrich', (event) => event),
      () => kept.registerExporter({ name: 'x' }),
      () => kept.registerStore({} as never),
    ];
    for (const tap of late) expect(tap).to.throw('OBS_HOST_SEALED: "entry" taps or registers after apply()');
  });

  it('gives the plugin its key, the resource, the directory, the environment and the version', () => {
    let host!: PluginHost;
    createTestHost({
      config: { environment: 'staging', dataDir: '/somewhere/.obs', resource: { serviceName: 'bot' } },
      plugins: {
        mine: pluginOf((own) => {
          host = own;
        }),
      },
    });
    expect(host).to.deep.include({ key: 'mine', environment: 'staging', dataDir: '/somewhere/.obs' });
    expect(host.resource.serviceName).to.equal('bot');
    expect(host.version).to.match(/^\d+\.\d+\.\d+/);
    expect(host.clock.unixMicro()).to.be.a('number');
  });

  it('lets a plugin speak about itself in warnings and errors, under its key', () => {
    const { warnings } = createTestHost({
      plugins: {
        mine: pluginOf(({ logger }) => {
          logger.debug('not shown');
          logger.info('not shown');
          logger.warn('careful');
          logger.error('lost');
        }),
      },
    });
    expect(warnings).to.deep.equal(['obs WARN plugin "mine": careful', 'obs ERROR plugin "mine": lost']);
  });
});
