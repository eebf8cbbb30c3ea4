import { expect } from 'chai';
import type { ResolvedProcessor } from '../../../core/config/resolved.ts';
import type { Phase, PluginHost } from '../../../core/contract/host.ts';
import { definePlugin, type Plugin } from '../../../core/contract/plugin.ts';
import { SIGNALS } from '../../../core/signals/index.ts';
import { createTestHost } from '../../kit/host.ts';
import { createRecording } from '../../kit/recording.ts';

function processor(name: string, apply: (host: PluginHost) => void): ResolvedProcessor {
  const plugin = definePlugin({ name, apiVersion: 1, kind: 'processor', signals: SIGNALS, apply });
  return { plugin: plugin as unknown as Plugin, options: {} };
}

const appends = (text: string, phase: Phase) =>
  processor(`appends-${text}`, (host) =>
    host.process.logs(phase, (event) => ({
      ...event,
      record: { ...event.record, message: event.record.message + text },
    })),
  );

describe('the processors of an entry', () => {
  for (const through of ['tap', 'deliver'] as const)
    it(`change what this entry sees through ${through} and no other, phase by phase`, async () => {
      const [own, other] = [createRecording({ through }), createRecording({ through })];
      const processors = [appends('r', 'redact'), appends('e', 'enrich'), appends('s', 'sample')];
      const { obs, start } = createTestHost({
        plugins: { own: { plugin: own.plugin, processors }, other: other.plugin },
      });
      await start();
      obs.logger.info('m');
      obs.startSpan({ name: 'untouched' }).end();
      await obs.flush();
      expect(own.events.logs.map(({ record }) => record.message)).to.deep.equal(['mesr']);
      expect(other.events.logs.map(({ record }) => record.message)).to.deep.equal(['m']);
      expect(own.events.tracing).to.deep.equal(other.events.tracing);
    });

  it('hold events back from this entry alone, which count apart from what it accepted', async () => {
    const [own, other] = [createRecording({ through: 'deliver' }), createRecording({ through: 'deliver' })];
    const drops = processor('drops', (host) =>
      host.process.logs('sample', (event) => (event.record.level === 'debug' ? null : event), {
        reason: 'chatty',
      }),
    );
    const { obs, start } = createTestHost({
      plugins: { own: { plugin: own.plugin, processors: [drops] }, other: other.plugin },
    });
    await start();
    obs.logger.debug('d');
    obs.logger.info('i');
    await obs.flush();
    const { plugins, emitted } = obs.diagnostics();
    expect(plugins['own']?.signals.logs).to.deep.include({
      accepted: 1,
      delivered: 1,
      dropped: {},
      heldBack: { chatty: 1 },
    });
    expect(plugins['other']?.signals.logs).to.deep.include({ accepted: 2, delivered: 2 });
    expect(plugins['other']?.signals.logs).not.to.have.property('heldBack');
    expect(emitted.logs).to.deep.equal({ count: 2, dropped: {} });
  });

  it('let nothing through to this entry when one fails in redact, and are counted under its key', () => {
    const [own, other] = [createRecording(), createRecording()];
    const fails = processor('fails', (host) =>
      host.process.logs('redact', () => {
        throw new Error('broke');
      }),
    );
    const { obs, warnings } = createTestHost({
      plugins: { own: { plugin: own.plugin, processors: [fails] }, other: other.plugin },
    });
    obs.logger.info('m');
    expect([own.events.logs.length, other.events.logs.length]).to.deep.equal([0, 1]);
    expect(obs.diagnostics().plugins['own']).to.deep.include({ tapFailures: { redact: 1 } });
    expect(obs.diagnostics().plugins['own']?.signals.logs?.heldBack).to.deep.equal({ redaction_failed: 1 });
    expect(warnings[0]).to.include('"own"');
  });

  it('see what is ingested too, and never the content that the entry is not shown', async () => {
    const own = createRecording();
    let source: PluginHost | undefined;
    const importer = definePlugin({
      name: 'importer',
      apiVersion: 1,
      kind: 'source',
      signals: [],
      apply: (host) => {
        source = host;
      },
    }) as unknown as Plugin;
    const { obs } = createTestHost({
      plugins: {
        importer,
        own: { plugin: own.plugin, captureContent: false, processors: [appends('+', 'enrich')] },
      },
    });
    obs.logger.info('made', { private: 1 });
    await source!.ingest([
      {
        type: 'log',
        id: 'l1',
        timestamp: new Date(1),
        timeUnixMicro: 1_000,
        record: { level: 'info', message: 'ingested' },
      },
    ]);
    expect(own.events.logs.map(({ record }) => record)).to.deep.equal([
      { level: 'info', message: 'made+' },
      { level: 'info', message: 'ingested+' },
    ]);
  });

  it('open with the entry, before it is sent anything', async () => {
    const steps: string[] = [];
    const own = createRecording({ through: 'deliver' });
    const opens = processor('opens', (host) => host.hooks.start.tap(() => void steps.push('processor')));
    const { start } = createTestHost({ plugins: { own: { plugin: own.plugin, processors: [opens] } } });
    await start();
    expect(steps).to.deep.equal(['processor']);
  });

  it('that tap what they do not declare are a mistake of the entry', () => {
    const plugin = definePlugin({
      name: 'undeclared',
      apiVersion: 1,
      kind: 'processor',
      signals: ['logs'],
      apply: (host) => host.process.metrics('enrich', (event) => event),
    }) as unknown as Plugin;
    const own = createRecording();
    expect(() =>
      createTestHost({ plugins: { own: { plugin: own.plugin, processors: [{ plugin, options: {} }] } } }),
    ).to.throw('OBS_PLUGIN_SIGNAL_UNDECLARED');
  });
});
