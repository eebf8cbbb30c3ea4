import { expect } from 'chai';
import { isSpanId, isTraceId } from '../../../core/ids.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';

describe('a span in a trace that is not sampled', () => {
  it('has real ids and a traceparent that says so, and emits nothing', () => {
    const { obs, recording } = createRecordedHost({ config: { signals: { tracing: { sample: 0 } } } });
    const root = obs.startSpan({ name: 'root', userId: 'u' });
    const child = root.createChildSpan({ name: 'child' });
    const event = child.createEventSpan({ name: 'event' });
    child.update({ output: 1 });
    child.error({ error: new Error('x') });
    root.end();
    expect(recording.all).to.deep.equal([]);
    for (const span of [root, child, event]) {
      expect(span.isSampled).to.equal(false);
      expect(span.traceId).to.equal(root.traceId);
      expect(isTraceId(span.traceId) && isSpanId(span.id)).to.equal(true);
      expect(span.traceparent).to.equal(`00-${root.traceId}-${span.id}-00`);
    }
    expect(new Set([root.id, child.id, event.id]).size).to.equal(3);
    expect([child.parentSpanId, event.parentSpanId]).to.deep.equal([root.id, child.id]);
    expect(child.correlation.userId).to.equal('u');
    expect([root.name, root.type]).to.deep.equal(['root', 'generic']);
    expect(obs.diagnostics().emitted.tracing).to.deep.equal({ count: 0, dropped: { sampled: 3 } });
  });

  it('is current inside run and trace, like any other', () => {
    const { obs } = createRecordedHost({ config: { signals: { tracing: { sample: 0 } } } });
    obs.trace('root', (span) => {
      expect(obs.currentSpan()).to.equal(span);
      expect(span.run(() => obs.currentSpan())).to.equal(span);
    });
  });
});
