import { expect } from 'chai';
import type { ObservabilityEvent } from '../../../core/index.ts';
import { SIGNALS, signalOf } from '../../../core/index.ts';
import { revive } from '../../../core/spool/revive.ts';
import { createTestHost } from '../../kit/host.ts';

describe('an event that was in the spool', () => {
  it('equals what was emitted, for every signal and every field', () => {
    const { obs } = createTestHost();
    const events: ObservabilityEvent[] = [];
    obs.bus.emit = (event) => void events.push(event);
    const unsubscribe = obs.bus.subscribe(() => {});
    const span = obs.startSpan({
      name: 'agent',
      type: 'agent_run',
      input: { text: 'ü\u2028"', list: [1, null, { deep: [true] }], at: new Date(5) },
      attributes: { agentId: 'a', odd: Number.NaN },
      metadata: { a: 1 },
      tags: ['x'],
      links: [{ traceId: '1'.padStart(32, '0'), spanId: '2'.padStart(16, '0'), attributes: { b: 2 } }],
    } as never);
    obs.metrics.counter('count', { unit: 'ms', description: 'd' }).add(2, { a: 'b' });
    obs.logger.error('failed', { error: new Error('x'), big: 12n });
    span.update({ output: 'so far', attributes: { more: 1 } } as never);
    span.addScore({ scorerId: 's', score: 0.5, reason: 'r' } as never);
    span.addFeedback({ feedbackType: 'thumbs', value: 1, comment: 'c', userId: 'u' } as never);
    span.error({ error: new TypeError('broken') } as never);
    span.end({ output: { done: true } } as never);
    unsubscribe();
    expect(new Set(events.map(signalOf))).to.deep.equal(new Set(SIGNALS));
    for (const event of events) {
      const revived = revive<ObservabilityEvent>(Buffer.from(JSON.stringify(event)));
      // A clone has no note of its size, which is no part of an event.
      expect(revived).to.deep.equal(structuredClone(event));
    }
    const dates = events.flatMap((event) =>
      Object.values('exportedSpan' in event ? event.exportedSpan : event),
    );
    expect(dates.filter((value) => value instanceof Date)).to.have.length.greaterThan(events.length);
  });
});
