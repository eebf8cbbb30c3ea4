import { expect } from 'chai';
import { createNoOpSpan, noOpLoggerContext, noOpMetricsContext } from '../../../core/signals/noop.ts';
import { createTestHost } from '../../kit/host.ts';

describe('the no-op logger and metrics', () => {
  it('are frozen, do nothing, and give the same instrument for every name', () => {
    expect(Object.isFrozen(noOpLoggerContext) && Object.isFrozen(noOpMetricsContext)).to.equal(true);
    for (const level of ['debug', 'info', 'warn', 'error', 'fatal'] as const)
      expect(noOpLoggerContext[level]('x', {})).to.equal(undefined);
    const { counter, gauge, histogram } = noOpMetricsContext;
    expect(counter('a')).to.equal(counter('b'));
    expect(gauge('a')).to.equal(gauge('b'));
    expect(histogram('a')).to.equal(histogram('b'));
    for (const instrument of [counter('a'), gauge('a'), histogram('a')])
      expect(Object.isFrozen(instrument)).to.equal(true);
    counter('a').add(1, { l: 1 });
    gauge('a').set(-1);
    histogram('a').record(1);
  });
});

describe('the no-op span', () => {
  it('is frozen, has invalid ids, and is its own child', () => {
    const span = createNoOpSpan();
    expect(Object.isFrozen(span) && Object.isFrozen(span.trace)).to.equal(true);
    expect(span).to.include({ id: '0'.repeat(16), traceId: '0'.repeat(32), isSampled: false });
    expect(span.createChildSpan({ name: 'x' })).to.equal(span);
    expect(span.createEventSpan({ name: 'x' })).to.equal(span);
    expect(span.run(() => 5)).to.equal(5);
  });

  it('is what tracing that is off hands out, the same each time, and never the current span', () => {
    const { obs } = createTestHost();
    const span = obs.startSpan({ name: 'a' });
    expect(obs.startSpan({ name: 'b' })).to.equal(span);
    expect(obs.trace('c', (inner) => inner)).to.equal(span);
    span.run(() => expect(obs.currentSpan()).to.equal(undefined));
    span.update({ output: 1 });
    span.error({ error: new Error('x') });
    span.end();
    span.addScore({ scorerId: 's', score: 1 });
    span.addFeedback({ feedbackType: 'f', value: 1 });
    span.trace.addScore({ scorerId: 's', score: 1 });
    expect(obs.diagnostics().emitted.tracing).to.deep.equal({ count: 0, dropped: {} });
  });

  it('is no parent for spans that are started once tracing is on', () => {
    const { obs } = createTestHost();
    const off = obs.startSpan({ name: 'off' });
    const unsubscribe = obs.bus.subscribe(() => {});
    const span = obs.startSpan({ name: 'on', parent: off });
    expect(span.isSampled).to.equal(true);
    expect(span.parentSpanId).to.equal(undefined);
    unsubscribe();
  });
});
