import { expect } from 'chai';
import type { BaseObservabilityInstance } from '../../core/instance.ts';
import { definePlugin, type Phase, type Plugin, type PluginHost } from '../../core/plugin.ts';
import { REDACTED } from '../../core/redact.ts';
import { type ObservabilityEvent, SIGNALS } from '../../core/signals/index.ts';
import type { LogEvent } from '../../core/signals/logs.ts';
import { type ConfigPatch, createTestHost } from '../kit/host.ts';
import { createRecording } from '../kit/recording.ts';

const SECRET = `sk-${'a1B2'.repeat(6)}`;

function processor(name: string, apply: (host: PluginHost) => void): Plugin {
  return definePlugin({
    name,
    apiVersion: 1,
    kind: 'processor',
    signals: SIGNALS,
    apply,
  }) as unknown as Plugin;
}

function setup(plugins: Record<string, Plugin> = {}, config: ConfigPatch = {}) {
  const recording = createRecording();
  const host = createTestHost({ plugins: { ...plugins, recording: recording.plugin }, config });
  return { ...host, recording };
}

const withMessage = (event: LogEvent, message: string): LogEvent => ({
  ...event,
  record: { ...event.record, message },
});

describe('redaction on the way to plugins', () => {
  it('covers every part of a span', () => {
    const { obs, recording } = setup();
    const error = new Error(`401 for ${SECRET}`, { cause: new Error(`key ${SECRET}`) });
    const span = obs.startSpan({
      name: `call with ${SECRET}`,
      input: { password: 'p', prompt: `use ${SECRET}`, args: '{"api_key":"k"}' },
      attributes: { headers: { Authorization: 'x' } },
      metadata: { deep: [{ token: 't' }] },
      tags: [SECRET],
      sessionId: SECRET,
      links: [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), attributes: { secret: 's' } }],
      scope: { name: 'lib', attributes: { secret: 's' } },
    });
    span.error({ error, output: { cookie: 'c' } });
    const text = JSON.stringify(recording.events.tracing);
    expect(text).not.to.include(SECRET);
    const [, failed, ended] = recording.events.tracing;
    expect(ended?.exportedSpan).to.deep.include({
      name: `call with ${REDACTED}`,
      input: { password: REDACTED, prompt: `use ${REDACTED}`, args: `{"api_key":"${REDACTED}"}` },
      output: { cookie: REDACTED },
      attributes: { headers: { Authorization: REDACTED } },
      metadata: { deep: [{ token: REDACTED }] },
      tags: [REDACTED],
      sessionId: REDACTED,
      scope: { name: 'lib', attributes: { secret: REDACTED } },
    });
    expect(ended?.exportedSpan.links?.[0]?.attributes).to.deep.equal({ secret: REDACTED });
    if (failed?.type !== 'span.error') throw new Error('the second event is no span.error');
    expect(failed.error.message).to.equal(`401 for ${REDACTED}`);
    expect(failed.error.details).to.deep.equal({ cause: `key ${REDACTED}` });
    expect(ended?.exportedSpan.errorInfo).to.deep.equal(failed.error);
    expect(ended?.exportedSpan).to.include({ traceId: span.traceId, id: span.id });
  });

  it('covers logs, metrics, scores and feedback', () => {
    const { obs, recording } = setup();
    obs.trace('request', { sessionId: SECRET }, () => {
      obs.logger.info(`login with ${SECRET}`, { user: 'u', password: 'p' });
      obs.metrics.counter('calls').add(1, { api_key: 'k', model: 'm', note: SECRET });
      obs.addScore({ scorerId: 's', score: 1, reason: SECRET, metadata: { token: 't' } });
      obs.addFeedback({
        feedbackType: 'f',
        value: SECRET,
        comment: '{"password":"p"}',
        metadata: { secret: 's' },
      });
    });
    const { logs, metrics, scores, feedback } = recording.events;
    expect(logs[0]?.record).to.deep.equal({
      level: 'info',
      message: `login with ${REDACTED}`,
      data: { user: 'u', password: REDACTED },
    });
    expect(metrics[0]?.labels).to.deep.equal({ api_key: REDACTED, model: 'm', note: REDACTED });
    expect(scores[0]?.score).to.deep.equal({
      scorerId: 's',
      score: 1,
      reason: REDACTED,
      metadata: { token: REDACTED },
    });
    expect(feedback[0]?.feedback).to.deep.equal({
      feedbackType: 'f',
      value: REDACTED,
      comment: `{"password":"${REDACTED}"}`,
      metadata: { secret: REDACTED },
    });
    for (const [event] of [logs, metrics, scores, feedback])
      expect(event?.correlation?.sessionId).to.equal(REDACTED);
  });

  it('leaves what the application holds as it was', () => {
    const { obs, recording } = setup();
    const input = { password: 'p', nested: { token: 't' } };
    obs.startSpan({ name: 'x', input });
    obs.logger.info('x', input);
    expect(input).to.deep.equal({ password: 'p', nested: { token: 't' } });
    expect(Object.isFrozen(input)).to.equal(false);
    expect(recording.all).to.have.length(2);
  });

  it('hides names that the config adds', () => {
    const { obs, recording } = setup({}, { redact: { keys: ['ssn'] } });
    obs.logger.info('x', { SSN: '1', other: '2' });
    expect(recording.events.logs[0]?.record.data).to.deep.equal({ SSN: REDACTED, other: '2' });
  });

  it('is off when the config says so', () => {
    const { obs, recording } = setup({}, { redact: { enabled: false } });
    obs.logger.info(SECRET, { password: 'p' });
    expect(recording.events.logs[0]?.record).to.deep.include({ message: SECRET, data: { password: 'p' } });
  });

  it('keeps the account of bytes on events that it changed', () => {
    const { obs, recording } = setup();
    obs.logger.info('clean');
    obs.logger.info('x', { password: 'p' });
    const size = (event: object | undefined) =>
      Object.getOwnPropertySymbols(event).map((key) => (event as never)[key]);
    for (const event of recording.events.logs) expect(size(event)[0]).to.be.a('number').above(0);
  });
});

describe('capture.content false', () => {
  it('leaves out inputs and outputs of spans and the data of logs, and nothing else', () => {
    const { obs, recording } = setup({}, { capture: { content: false } });
    const span = obs.startSpan({ name: 'x', input: 'in', attributes: { model: 'm' }, metadata: { a: 1 } });
    span.end({ output: 'out' });
    obs.logger.info('message', { secret: 'data' });
    obs.addFeedback({ feedbackType: 'f', value: 1, comment: 'kept' });
    expect(recording.span('x')).not.to.have.any.keys('input', 'output');
    expect(recording.span('x')).to.deep.include({
      attributes: { model: 'm' },
      metadata: { a: 1 },
      status: 'ok',
    });
    expect(recording.events.logs[0]?.record).to.deep.equal({ level: 'info', message: 'message' });
    expect(recording.events.feedback[0]?.feedback.comment).to.equal('kept');
  });

  it('can be said of one plugin alone', () => {
    const [all, some] = [createRecording(), createRecording()];
    const { obs } = createTestHost({
      plugins: { all: all.plugin, some: { plugin: some.plugin, captureContent: false } },
    });
    obs.startSpan({ name: 'x', input: 'in' });
    expect(all.span('x').input).to.equal('in');
    expect(some.span('x')).not.to.have.property('input');
  });
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
    const { obs, recording } = setup({
      a: note('a', ['redact', 'enrich']),
      b: note('b', ['sample', 'enrich', 'redact']),
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
    const { obs, recording } = setup({ adds });
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
      const { obs, recording } = setup({ drops });
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
      const { obs, recording } = setup({ sees });
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
        const { obs, recording, warnings } = setup({ bad });
        obs.logger.info('goes on');
        expect(recording.events.logs.map(({ record }) => record.message)).to.deep.equal(['goes on']);
        expect(obs.diagnostics().plugins['bad']?.tapFailures).to.deep.equal({ [phase]: 1 });
        expect(warnings[0]).to.include('"bad"').and.include(phase);
      });
    }

    it(`let nothing through when one ${fault} in redact`, () => {
      const bad = processor('bad', (host) => host.process.tracing('redact', wrong as never));
      const { obs, recording } = setup({ bad });
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
      setup({ bad }).obs.logger.info('x');
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
    const host = setup({ chatty });
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
    const { obs } = setup({ sees }, { signals: { metrics: { maxSeries: 1 } } });
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
    const { recording } = setup({ meddles, importer }, { signals: { metrics: { maxSeries: 0 } } });
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
