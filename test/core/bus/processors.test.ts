import { expect } from 'chai';
import { REDACTED } from '../../../core/bus/redact.ts';
import type { Phase, PluginHost } from '../../../core/contract/host.ts';
import { definePlugin, type Plugin } from '../../../core/contract/plugin.ts';
import type { BaseObservabilityInstance } from '../../../core/instance.ts';
import { type ObservabilityEvent, SIGNALS } from '../../../core/signals/index.ts';
import type { LogEvent } from '../../../core/signals/logs.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';

function processor(name: string, apply: (host: PluginHost) => void): Plugin {
  return definePlugin({
    name,
    apiVersion: 1,
    kind: 'processor',
    signals: SIGNALS,
    apply,
  }) as unknown as Plugin;
}

const withMessage = (event: LogEvent, message: string): LogEvent => ({
  ...event,
  record: { ...event.record, message },
});

describe('processors', () => {
  it('run by phase, enrich before sample before redact, and in the order of the config within a phase', () => {
    const order: string[] = [];
    const note = (name: string, phases: Phase[]) =>
      processor(name, (host) => {
        for (const phase of phases)
          host.process.logs(phase, (event) => {
            order.push(`${phase} ${name}`);
            return withMessage(event, `${event.record.message}+${phase[0]}${name}`);
          });
      });
    const { obs, recording } = createRecordedHost({
      plugins: { a: note('a', ['redact', 'enrich']), b: note('b', ['sample', 'enrich', 'redact']) },
    });
    obs.logger.info('m');
    expect(order).to.deep.equal(['enrich a', 'enrich b', 'sample b', 'redact a', 'redact b']);
    expect(recording.events.logs[0]?.record.message).to.equal('m+ea+eb+sb+ra+rb');
  });

  it('run before the redaction of the host, so that nothing they add can leak', () => {
    const adds = processor('adds', (host) => {
      host.process.logs('redact', (event) => ({
        ...event,
        record: { ...event.record, data: { password: 'p' } },
      }));
    });
    const { obs, recording } = createRecordedHost({ plugins: { adds } });
    obs.logger.info('x');
    expect(recording.events.logs[0]?.record.data).to.deep.equal({ password: REDACTED });
  });

  it('drop by null, and each phase counts under its own reason', () => {
    for (const [phase, reason] of Object.entries({
      enrich: 'enrich_dropped',
      sample: 'sampled',
      redact: 'redact_dropped',
    })) {
      const drops = processor('drops', (host) => {
        host.process.logs(phase as Phase, (event) => (event.record.message === 'drop' ? null : event));
      });
      const { obs, recording } = createRecordedHost({ plugins: { drops } });
      obs.logger.info('drop');
      obs.logger.info('keep');
      expect(recording.events.logs.map(({ record }) => record.message)).to.deep.equal(['keep']);
      expect(obs.diagnostics().emitted.logs).to.deep.equal({ count: 1, dropped: { [reason]: 1 } });
    }
  });

  for (const signal of SIGNALS) {
    it(`see ${signal} and only that where that was asked for`, () => {
      const seen: string[] = [];
      const sees = processor('sees', (host) => {
        const process = (event: ObservabilityEvent) => {
          seen.push(event.type);
          return event;
        };
        host.process[signal]('enrich', process as never);
      });
      const { obs, recording } = createRecordedHost({ plugins: { sees } });
      obs.startSpan({ name: 'x' });
      obs.metrics.counter('c').add();
      obs.logger.info('x');
      obs.addScore({ scorerId: 's', score: 1 });
      obs.addFeedback({ feedbackType: 'f', value: 1 });
      expect(seen).to.deep.equal(recording.events[signal].map(({ type }) => type));
      expect(seen).to.have.length(1);
    });
  }

  /** Ways to get a processor wrong. */
  const faults: Record<string, () => unknown> = {
    throws: () => {
      throw new Error('processor broke');
    },
    'returns nothing': () => undefined,
    'returns no event': () => ({ message: 'not an event' }),
    'is async': async () => ({}),
    'is async and rejects': async () => {
      throw new Error('later');
    },
  };
  for (const [fault, wrong] of Object.entries(faults)) {
    for (const phase of ['enrich', 'sample'] as const) {
      it(`let the event go on and are counted when one ${fault} in ${phase}`, () => {
        const bad = processor('bad', (host) => host.process.logs(phase, wrong as never));
        const { obs, recording, warnings } = createRecordedHost({ plugins: { bad } });
        obs.logger.info('goes on');
        expect(recording.events.logs.map(({ record }) => record.message)).to.deep.equal(['goes on']);
        expect(obs.diagnostics().plugins['bad']?.tapFailures).to.deep.equal({ [phase]: 1 });
        expect(warnings[0]).to.include('"bad"').and.include(phase);
      });
    }

    it(`let nothing through when one ${fault} in redact`, () => {
      const bad = processor('bad', (host) => host.process.tracing('redact', wrong as never));
      const { obs, recording } = createRecordedHost({ plugins: { bad } });
      obs.startSpan({ name: 'x' }).end();
      obs.logger.info('other signals go on');
      expect(recording.all.map(({ type }) => type)).to.deep.equal(['log']);
      expect(obs.diagnostics().emitted.tracing).to.deep.equal({ count: 0, dropped: { redaction_failed: 2 } });
      expect(obs.diagnostics().plugins['bad']?.tapFailures).to.deep.equal({ redact: 2 });
    });
  }

  it('leave no rejection unhandled when one is async and rejects', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);
    try {
      const bad = processor('bad', (host) =>
        host.process.logs('enrich', faults['is async and rejects'] as never),
      );
      createRecordedHost({ plugins: { bad } }).obs.logger.info('x');
      await new Promise((resolve) => setTimeout(resolve, 5));
    } finally {
      process.removeListener('unhandledRejection', note);
      for (const other of others) process.on('unhandledRejection', other);
    }
    expect(unhandled).to.deep.equal([]);
  });

  it('cannot call themselves by the telemetry that they make', () => {
    let obs: BaseObservabilityInstance | undefined;
    let calls = 0;
    const chatty = processor('chatty', (host) => {
      host.process.logs('enrich', (event) => {
        calls++;
        obs?.logger.info('about the processor');
        return event;
      });
    });
    const host = createRecordedHost({ plugins: { chatty } });
    obs = host.obs;
    obs.logger.info('one');
    expect(calls).to.equal(1);
    expect(host.recording.events.logs).to.have.length(1);
    expect(obs.diagnostics().emitted.logs).to.deep.equal({ count: 1, dropped: { inside_tap: 1 } });
  });

  it('see metrics before the label cap', () => {
    const labels: string[] = [];
    const sees = processor('sees', (host) => {
      host.process.metrics('redact', (event) => {
        labels.push(event.labels['user'] ?? 'none');
        return { ...event, labels: {} };
      });
    });
    const { obs } = createRecordedHost({
      plugins: { sees },
      config: { signals: { metrics: { maxSeries: 1 } } },
    });
    for (const user of ['a', 'b', 'c']) obs.metrics.counter('c').add(1, { user });
    expect(labels).to.deep.equal(['a', 'b', 'c']);
    expect(obs.diagnostics().overflowed).to.equal(0);
  });
});

describe('ingested events', () => {
  it('are neither enriched nor sampled nor capped, but redacted', async () => {
    const meddles = processor('meddles', (host) => {
      host.process.logs('enrich', (event) => withMessage(event, 'enriched'));
      host.process.logs('sample', () => null);
      host.process.logs('redact', (event) => withMessage(event, `${event.record.message}!`));
    });
    let source: PluginHost | undefined;
    const importer = processor('importer', (host) => {
      source = host;
    });
    const { recording } = createRecordedHost({
      plugins: { meddles, importer },
      config: { signals: { metrics: { maxSeries: 0 } } },
    });
    const base = { timestamp: new Date(1), timeUnixMicro: 1_000 };
    const data = { password: 'p' };
    const result = await source!.ingest([
      { ...base, type: 'log', id: 'l1', record: { level: 'debug', message: 'm', data } },
      { ...base, type: 'metric', id: 'm1', name: 'n', metricType: 'gauge', value: 1, labels: { a: 'b' } },
    ]);
    expect(result).to.deep.equal({ accepted: 2 });
    expect(recording.events.logs[0]).to.deep.include({
      id: 'l1',
      record: { level: 'debug', message: 'm!', data: { password: REDACTED } },
    });
    expect(recording.events.metrics[0]?.labels).to.deep.equal({ a: 'b' });
    expect(data).to.deep.equal({ password: 'p' });
  });
});
