import { expect } from 'chai';
import type { ObsError } from '../../core/errors.ts';
import {
  definePlugin,
  isPlugin,
  isPluginUse,
  manifestProblem,
  type Plugin,
  type PluginHost,
} from '../../core/plugin.ts';
import { wire } from '../../core/wire.ts';
import { createTestHost, resolvedConfig } from '../kit/host.ts';
import { createRecording } from '../kit/recording.ts';
import { createGate } from './delivery/deliver.ts';
import { pluginOf, settled } from './plugins.ts';

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

describe('an entry', () => {
  it('gets the signals that it names, of those that its plugin taps', async () => {
    const recording = createRecording();
    const { obs } = createTestHost({
      plugins: { entry: { plugin: recording.plugin, signals: ['logs'] } },
    });
    obs.logger.info('message');
    obs.metrics.counter('requests').add();
    obs.trace('work', () => {});
    expect(recording.all.map(({ type }) => type)).to.deep.equal(['log']);
    expect(obs.bus.isHeard('tracing')).to.equal(false);
  });

  it('places nothing on the hook of a signal that the config switches off', () => {
    const recording = createRecording();
    const { obs, wired } = createTestHost({
      config: { signals: { logs: { enabled: false } } },
      plugins: { entry: recording.plugin },
    });
    expect(obs.bus.isHeard('logs')).to.equal(false);
    expect([...wired.registry.hosts.get('entry')!.tapped]).to.include('logs');
  });

  it('without content gets spans without input and output, and logs without data; its neighbours get all', async () => {
    const [shy, open, batched] = [1, 2, 3].map(() => createRecording({ signals: ['tracing', 'logs'] }));
    const delivered = createRecording({ signals: ['tracing', 'logs'], through: 'deliver' });
    const { obs, start } = createTestHost({
      plugins: {
        shy: { plugin: shy!.plugin, captureContent: false },
        open: open!.plugin,
        batched: { plugin: batched!.plugin, captureContent: true },
        delivered: { plugin: delivered.plugin, captureContent: false },
      },
    });
    await start();
    obs.trace('work', { input: 'question', metadata: { kept: true } }, () => {
      obs.logger.info('message', { detail: 1 });
      return 'answer';
    });
    await obs.flush();
    for (const { span, events } of [shy!, delivered]) {
      expect(span('work')).to.not.have.any.keys('input', 'output');
      expect(span('work').metadata).to.deep.equal({ kept: true });
      expect(events.logs[0]!.record).to.deep.equal({ level: 'info', message: 'message' });
    }
    for (const { span, events } of [open!, batched!]) {
      expect(span('work')).to.deep.include({ input: 'question', output: 'answer' });
      expect(events.logs[0]!.record.data).to.deep.equal({ detail: 1 });
    }
  });

  it('has the last word on its delivery, before its plugin and the defaults', async () => {
    const sizes: Record<string, number[]> = { own: [], entry: [] };
    const plugin = (key: string) =>
      pluginOf((host) =>
        host.deliver.logs(async (batch) => void sizes[key]!.push(batch.length), { maxItems: 2 }),
      );
    const { obs, start } = createTestHost({
      plugins: { own: plugin('own'), entry: { plugin: plugin('entry'), delivery: { maxItems: 3 } } },
    });
    await start();
    for (let n = 0; n < 6; n++) obs.logger.info('message');
    await obs.flush();
    expect(sizes).to.deep.equal({ own: [2, 2, 2], entry: [3, 3] });
  });

  it('is handed batches of one by an exporter object, whatever its delivery says', async () => {
    const seen: string[] = [];
    const plugin = pluginOf((host) =>
      host.registerExporter({ name: 'x', onLogEvent: ({ record }) => void seen.push(record.message) }),
    );
    const { obs, start } = createTestHost({ plugins: { entry: { plugin, delivery: { maxItems: 100 } } } });
    await start();
    for (const message of ['one', 'two', 'three']) obs.logger.info(message);
    await obs.flush();
    expect(seen).to.deep.equal(['one', 'two', 'three']);
  });

  it('keeps out of its counts the span events that its delivery does not ask for', async () => {
    const types: string[] = [];
    const plugin = pluginOf((host) => {
      const send = async (batch: readonly { type: string }[]) => {
        types.push(...batch.map(({ type }) => type));
      };
      host.deliver.tracing(send, { events: ['span.ended', 'span.error'] });
      // Says nothing about a signal whose events are of one kind.
      host.deliver.logs(send, { events: ['span.ended'] });
    });
    // Another one wants them all, so they are made.
    const curious = createRecording({ signals: ['tracing'] });
    const { obs, start } = createTestHost({ plugins: { entry: plugin, curious: curious.plugin } });
    await start();
    obs.startSpan({ name: 'work' }).error({ error: 'no' });
    obs.logger.info('message');
    await obs.flush();
    expect(types.sort()).to.deep.equal(['log', 'span.ended', 'span.error']);
    expect(curious.types('work')).to.deep.equal(['span.started', 'span.error', 'span.ended']);
    expect(obs.diagnostics().plugins['entry']!.signals.tracing).to.deep.include({
      accepted: 2,
      delivered: 2,
      dropped: {},
    });
  });

  it('repeats an ambiguous send unless its manifest says that this is unsafe', async () => {
    const { AmbiguousError } = await import('../../core/delivery/outcome.ts');
    const attempts: Record<string, number> = { safe: 0, unsafe: 0 };
    const plugin = (redelivery: 'safe' | 'unsafe') =>
      pluginOf(
        (host) =>
          host.deliver.logs(async () => {
            if (++attempts[redelivery]! === 1) throw new AmbiguousError('reset');
          }),
        { redelivery },
      );
    const { obs, start } = createTestHost({
      random: () => 0,
      plugins: { safe: plugin('safe'), unsafe: plugin('unsafe') },
    });
    await start();
    obs.logger.info('message');
    await obs.flush();
    expect(attempts).to.deep.equal({ safe: 2, unsafe: 1 });
    const { safe, unsafe } = obs.diagnostics().plugins;
    expect(safe!.signals.logs).to.deep.include({ delivered: 1, dropped: {} });
    expect(unsafe!.signals.logs).to.deep.include({ delivered: 0, dropped: { ambiguous: 1 } });
  });

  it('of the same plugin twice is two plugins, each with its own queue and counts', async () => {
    const gate = createGate();
    let count = 0;
    const plugin = pluginOf((host) =>
      host.deliver.logs(async () => {
        if (host.key === 'slow') await gate.promise;
        count++;
      }),
    );
    const { obs, start } = createTestHost({ plugins: { slow: plugin, quick: plugin } });
    await start();
    obs.logger.info('message');
    expect((await obs.flush({ deadlineMs: 20 })).pending).to.equal(1);
    expect(count).to.equal(1);
    expect(obs.diagnostics().plugins['slow']!.signals.logs).to.deep.include({ delivered: 0, inFlight: 1 });
    gate.open();
    expect((await obs.flush()).isComplete).to.equal(true);
  });

  it('sends outside of any request and without telemetry about its own work', async () => {
    const seen: unknown[] = [];
    const host = createTestHost({
      plugins: {
        entry: pluginOf((own) =>
          own.deliver.logs(async () => {
            seen.push(host.obs.currentSpan());
            host.obs.logger.info('about my own work');
            host.obs.trace('my own work', () => {});
          }),
        ),
        tracing: createRecording({ signals: ['tracing'] }).plugin,
      },
    });
    await host.start();
    await host.obs.trace('request', async () => {
      host.obs.logger.info('message');
      await host.obs.flush();
    });
    await host.obs.flush();
    expect(seen).to.deep.equal([undefined]);
    const { emitted } = host.obs.diagnostics();
    expect(emitted.logs).to.deep.equal({ count: 1, dropped: { inside_tap: 1 } });
    expect(emitted.tracing.count).to.equal(2);
  });
});
