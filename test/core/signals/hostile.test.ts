import { expect } from 'chai';
import type { BaseObservabilityInstance } from '../../../core/instance.ts';
import { SIGNALS } from '../../../core/signals/index.ts';
import type { Span } from '../../../core/signals/span.ts';
import { createTestHost } from '../../kit/host.ts';
import { createRecording } from '../../kit/recording.ts';

const trap = () => {
  throw new Error('trap');
};

/** Values that throw wherever they are touched, or are nothing like what is expected. */
const HOSTILE: Record<string, () => unknown> = {
  'a Proxy that always throws': () =>
    new Proxy(() => {}, {
      get: trap,
      has: trap,
      ownKeys: trap,
      getOwnPropertyDescriptor: trap,
      getPrototypeOf: trap,
      set: trap,
      apply: trap,
    }),
  'a revoked Proxy': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  'an object of throwing getters': () =>
    Object.defineProperties(
      {},
      Object.fromEntries(
        [
          'name',
          'type',
          'input',
          'output',
          'attributes',
          'metadata',
          'tags',
          'error',
          'endSpan',
          'endTime',
          'startTime',
          'parent',
          'traceparent',
          'userId',
          'score',
          'scorerId',
          'value',
          'feedbackType',
          'unit',
          'toString',
          'toJSON',
          'message',
        ].map((key) => [key, { get: trap, enumerable: true }]),
      ),
    ),
  null: () => null,
  undefined: () => undefined,
  'a number': () => 5,
  'a text': () => 'text',
  'a symbol': () => Symbol('s'),
  'a BigInt': () => 10n,
  'a function': () => trap,
  'an object without prototype': () => Object.create(null),
  'an object that contains itself': () => {
    const circle: Record<string, unknown> = { name: 'circle' };
    circle['input'] = circle['attributes'] = circle['metadata'] = circle['parent'] = circle;
    return circle;
  },
};

type Call = (obs: BaseObservabilityInstance, value: never, span: Span) => unknown;

/** Every public way to emit. */
const CALLS: Record<string, Call> = {
  startSpan: (obs, value) => obs.startSpan(value),
  'startSpan with odd fields': (obs, value) =>
    obs.startSpan({
      name: value,
      type: value,
      input: value,
      attributes: value,
      metadata: value,
      tags: value,
      scope: value,
      links: value,
      startTime: value,
      userId: value,
    }),
  'startSpan with an odd parent': (obs, value) => obs.startSpan({ name: 'x', parent: value }),
  'startSpan with odd ids': (obs, value) =>
    obs.startSpan({ name: 'x', traceparent: value, traceId: value, parentSpanId: value }),
  'trace with odd options': (obs, value) => expect(obs.trace('x', value, () => 'result')).to.equal('result'),
  'trace with an odd name': (obs, value) => expect(obs.trace(value, () => 'result')).to.equal('result'),
  'trace with an odd result': (obs, value) => {
    expect(obs.trace('x', () => value)).to.equal(value);
  },
  update: (_, value, span) => span.update(value),
  'update with odd fields': (_, value, span) =>
    span.update({ input: value, output: value, attributes: value, metadata: value, tags: value }),
  end: (_, value, span) => span.end(value),
  'end with odd fields': (_, value, span) => span.end({ output: value, endTime: value }),
  error: (_, value, span) => span.error(value),
  'error with odd fields': (_, value, span) => span.error({ error: value, endSpan: value, output: value }),
  createChildSpan: (_, value, span) => span.createChildSpan(value),
  createEventSpan: (_, value, span) => span.createEventSpan(value),
  'span.addScore': (_, value, span) => span.addScore(value),
  'span.addFeedback': (_, value, span) => span.addFeedback(value),
  'trace.addScore': (_, value, span) => span.trace.addScore(value),
  'trace.addFeedback': (_, value, span) => span.trace.addFeedback(value),
  addScore: (obs, value) => obs.addScore(value),
  'addScore with odd fields': (obs, value) =>
    obs.addScore({
      scorerId: value,
      score: value,
      label: value,
      traceId: value,
      id: value,
      timestamp: value,
    }),
  addFeedback: (obs, value) => obs.addFeedback(value),
  'addFeedback with odd fields': (obs, value) =>
    obs.addFeedback({ feedbackType: value, value, spanId: value, id: value, timestamp: value }),
  'logger.info': (obs, value) => obs.logger.info(value, value),
  'logger.error': (obs, value) => obs.logger.error('x', value),
  counter: (obs, value) => obs.metrics.counter(value, value).add(value, value),
  gauge: (obs, value) => obs.metrics.gauge(value, { unit: value, description: value }).set(1, value),
  histogram: (obs, value) => obs.metrics.histogram('h', value).record(1, { label: value }),
};

describe('an emitter', () => {
  for (const [call, run] of Object.entries(CALLS)) {
    it(`never throws and emits only what JSON can hold: ${call}`, () => {
      for (const [what, make] of Object.entries(HOSTILE)) {
        for (const sample of [1, 0]) {
          const recording = createRecording();
          const { obs } = createTestHost({
            plugins: { recording: recording.plugin },
            config: { signals: { tracing: { sample } } },
          });
          const span = obs.startSpan({ name: 'span' });
          const before = obs.diagnostics().emitted;
          try {
            run(obs, make() as never, span);
          } catch (error) {
            expect.fail(`${what} (sample ${sample}): ${String(error)}`);
          }
          for (const event of recording.all)
            expect(JSON.parse(JSON.stringify(event)), what).to.be.an('object');
          expect(handled(obs), what).to.be.at.least(handledOf(before));
        }
      }
    });
  }

  it('emits or counts each call that is made with tracing on', () => {
    for (const make of Object.values(HOSTILE)) {
      const recording = createRecording();
      const { obs } = createTestHost({ plugins: { recording: recording.plugin } });
      obs.startSpan(make() as never);
      obs.addScore(make() as never);
      obs.addFeedback(make() as never);
      obs.metrics.counter('c').add(make() as never);
      const { tracing, scores, feedback, metrics } = obs.diagnostics().emitted;
      for (const counts of [tracing, scores, feedback, metrics]) expect(sum(counts)).to.equal(1);
    }
  });

  it('leaves the span usable after a hostile update, and counts that', () => {
    const recording = createRecording();
    const { obs } = createTestHost({ plugins: { recording: recording.plugin } });
    const span = obs.startSpan({ name: 'x', input: 'kept' });
    span.update(HOSTILE['a Proxy that always throws']!() as never);
    span.update(HOSTILE['an object of throwing getters']!() as never);
    span.end({ output: 'good' });
    expect(recording.types('x')).to.deep.equal(['span.started', 'span.ended']);
    expect(recording.span('x')).to.include({ input: 'kept', output: 'good', seq: 2 });
    expect(obs.diagnostics().emitted.tracing.dropped).to.deep.equal({ invalid_value: 2 });
  });

  it('ends a span although its end or error cannot be read', () => {
    const recording = createRecording();
    const { obs } = createTestHost({ plugins: { recording: recording.plugin } });
    const proxy = HOSTILE['a Proxy that always throws']!() as never;
    obs.startSpan({ name: 'ended' }).end(proxy);
    obs.startSpan({ name: 'failed' }).error(proxy);
    expect(recording.types('ended')).to.deep.equal(['span.started', 'span.ended']);
    expect(recording.types('failed')).to.deep.equal(['span.started', 'span.error', 'span.ended']);
  });
});

type Counts = { count: number; dropped: Record<string, number> };
const sum = ({ count, dropped }: Counts) => count + Object.values(dropped).reduce((a, b) => a + b, 0);
const handledOf = (emitted: Record<string, Counts>) =>
  SIGNALS.reduce((n, signal) => n + sum(emitted[signal]!), 0);
const handled = (obs: BaseObservabilityInstance) => handledOf(obs.diagnostics().emitted);
