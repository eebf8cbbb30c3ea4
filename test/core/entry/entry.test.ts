import { expect } from 'chai';
import { AmbiguousError } from '../../../core/delivery/outcome.ts';
import { createTestHost } from '../../kit/host.ts';
import { createRecording } from '../../kit/recording.ts';
import { createGate } from '../delivery/deliver.ts';
import { pluginOf } from '../plugins.ts';

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
