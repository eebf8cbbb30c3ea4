import { expect } from 'chai';
import { createRecordedHost } from '../../kit/recorded-host.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';
const sampled = `00-${TRACE_ID}-${SPAN_ID}-01`;
const unsampled = `00-${TRACE_ID}-${SPAN_ID}-00`;

describe('obs.startSpan', () => {
  it('hangs under the current span, and does not become current itself', () => {
    const { obs } = createRecordedHost();
    const root = obs.startSpan({ name: 'root' });
    expect(obs.currentSpan()).to.equal(undefined);
    root.run(() => {
      const child = obs.startSpan({ name: 'child' });
      expect(child.parentSpanId).to.equal(root.id);
      expect(child.traceId).to.equal(root.traceId);
      expect(obs.currentSpan()).to.equal(root);
    });
    expect(obs.currentSpan()).to.equal(undefined);
  });

  it('hangs under the parent it is given, whatever is current', () => {
    const { obs } = createRecordedHost();
    const [a, b] = [obs.startSpan({ name: 'a' }), obs.startSpan({ name: 'b' })];
    const child = a.run(() => obs.startSpan({ name: 'child', parent: b }));
    expect([child.traceId, child.parentSpanId]).to.deep.equal([b.traceId, b.id]);
  });

  it('starts a new trace with parent null', () => {
    const { obs, recording } = createRecordedHost();
    const root = obs.startSpan({ name: 'root', userId: 'u' });
    const fresh = root.run(() => obs.startSpan({ name: 'fresh', parent: null }));
    expect(fresh.traceId).not.to.equal(root.traceId);
    expect(recording.span('fresh')).to.include({ isRootSpan: true });
    expect(recording.span('fresh')).not.to.have.any.keys('parentSpanId', 'userId');
  });

  it('keeps the trace id and the parent span id it is given', () => {
    const { obs, recording } = createRecordedHost();
    const span = obs.startSpan({ name: 'continued', traceId: TRACE_ID, parentSpanId: SPAN_ID });
    span.createChildSpan({ name: 'child' });
    expect(recording.span('continued')).to.include({
      traceId: TRACE_ID,
      parentSpanId: SPAN_ID,
      isRootSpan: true,
    });
    expect(recording.span('child')).to.include({
      traceId: TRACE_ID,
      parentSpanId: span.id,
      isRootSpan: false,
    });
  });

  it('ignores ids that are malformed, and a trace id under a parent', () => {
    const { obs } = createRecordedHost();
    for (const traceId of ['short', TRACE_ID.toUpperCase(), '0'.repeat(32), `${TRACE_ID}0`, 12 as never]) {
      expect(obs.startSpan({ name: 'x', traceId }).traceId).not.to.equal(traceId);
    }
    const odd = obs.startSpan({ name: 'x', traceId: TRACE_ID, parentSpanId: '0'.repeat(16) });
    expect([odd.traceId, odd.parentSpanId]).to.deep.equal([TRACE_ID, undefined]);
    const root = obs.startSpan({ name: 'root' });
    expect(obs.startSpan({ name: 'x', parent: root, traceId: TRACE_ID }).traceId).to.equal(root.traceId);
  });

  it('takes only options: what a loop passes beside them changes nothing', () => {
    const { obs, recording } = createRecordedHost();
    [{ name: 'a' }, { name: 'b' }].map(obs.startSpan as never);
    expect(recording.types('b')).to.deep.equal(['span.started']);
  });
});

describe('traceparent', () => {
  it('comes out as what the next service continues', () => {
    const { obs, recording } = createRecordedHost();
    const client = obs.startSpan({ name: 'client' });
    expect(client.traceparent).to.equal(`00-${client.traceId}-${client.id}-01`);
    obs.startSpan({ name: 'server', traceparent: client.traceparent, parent: null });
    expect(recording.span('server')).to.include({
      traceId: client.traceId,
      parentSpanId: client.id,
      isRootSpan: true,
    });
  });

  it('is continued although a span is current', () => {
    const { obs } = createRecordedHost();
    const span = obs.trace('job', () => obs.startSpan({ name: 'server', traceparent: sampled }));
    expect([span.traceId, span.parentSpanId]).to.deep.equal([TRACE_ID, SPAN_ID]);
  });

  it('gives way to a parent that is given', () => {
    const { obs } = createRecordedHost();
    const parent = obs.startSpan({ name: 'parent' });
    const span = obs.startSpan({ name: 'x', traceparent: sampled, parent });
    expect([span.traceId, span.parentSpanId]).to.deep.equal([parent.traceId, parent.id]);
  });

  it('decides about sampling: 00 is dropped at ratio 1, and 01 is kept at ratio 0', () => {
    const all = createRecordedHost();
    expect(all.obs.startSpan({ name: 'x', traceparent: unsampled }).isSampled).to.equal(false);
    expect(all.recording.all).to.deep.equal([]);
    const none = createRecordedHost({ config: { signals: { tracing: { sample: 0 } } } });
    const kept = none.obs.startSpan({ name: 'x', traceparent: sampled });
    expect(kept.isSampled).to.equal(true);
    expect(kept.createChildSpan({ name: 'child' }).isSampled).to.equal(true);
    expect(none.recording.types('child')).to.deep.equal(['span.started']);
  });

  it('is ignored when malformed: a new trace, or the current one', () => {
    const { obs } = createRecordedHost();
    for (const traceparent of [
      '',
      'garbage',
      `ff${sampled.slice(2)}`,
      undefined,
      7 as never,
      Symbol('x') as never,
    ]) {
      const span = obs.startSpan({ name: 'x', traceparent });
      expect(span.isSampled).to.equal(true);
      expect(span.traceId).not.to.equal(TRACE_ID);
      expect(span.parentSpanId).to.equal(undefined);
    }
    const root = obs.startSpan({ name: 'root' });
    const child = root.run(() => obs.startSpan({ name: 'child', traceparent: 'garbage' }));
    expect(child.parentSpanId).to.equal(root.id);
  });
});

describe('span.run', () => {
  it('makes the span current for fn and what it awaits, and leaves it open', async () => {
    const { obs, recording } = createRecordedHost();
    const span = obs.startSpan({ name: 'manual' });
    const seen = await span.run(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return obs.currentSpan();
    });
    expect(seen).to.equal(span);
    expect(recording.types('manual')).to.deep.equal(['span.started']);
  });

  it('throws on what fn throws, and records nothing', () => {
    const { obs, recording } = createRecordedHost();
    const span = obs.startSpan({ name: 'manual' });
    expect(() =>
      span.run(() => {
        throw new Error('mine');
      }),
    ).to.throw('mine');
    expect(obs.currentSpan()).to.equal(undefined);
    expect(recording.types('manual')).to.deep.equal(['span.started']);
  });
});

describe('spans of two instances', () => {
  it('may nest: the inner one continues the trace of the outer one and its decision', () => {
    const outer = createRecordedHost({ config: { signals: { tracing: { sample: 0 } } } });
    const inner = createRecordedHost();
    outer.obs.trace('outer', (span) => {
      const child = inner.obs.startSpan({ name: 'inner' });
      expect([child.traceId, child.parentSpanId, child.isSampled]).to.deep.equal([
        span.traceId,
        span.id,
        false,
      ]);
    });
    expect(inner.recording.all).to.deep.equal([]);
  });
});
