import { expect } from 'chai';
import { createFakeClock, FAKE_START_MS } from '../../kit/clock.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';

describe('the children of a span', () => {
  it('carry its trace id and name it as parent, to any depth', () => {
    const { obs, recording } = createRecordedHost();
    const root = obs.startSpan({ name: 'root' });
    const child = root.createChildSpan({ name: 'child', type: 'model_generation' });
    const grandchild = child.createChildSpan({ name: 'grandchild' });
    expect([child.traceId, grandchild.traceId]).to.deep.equal([root.traceId, root.traceId]);
    expect([root.parentSpanId, child.parentSpanId, grandchild.parentSpanId]).to.deep.equal([
      undefined,
      root.id,
      child.id,
    ]);
    expect(recording.span('child')).to.include({ parentSpanId: root.id, isRootSpan: false });
    expect(grandchild.trace).to.equal(root.trace);
  });

  it('may start after their parent has ended', () => {
    const { obs, recording } = createRecordedHost();
    const root = obs.startSpan({ name: 'root' });
    root.end();
    root.createChildSpan({ name: 'late' }).end();
    expect(recording.span('late')).to.include({ parentSpanId: root.id, status: 'ok' });
  });

  it('ignore the span that is current', () => {
    const { obs } = createRecordedHost();
    const root = obs.startSpan({ name: 'root' });
    const other = obs.startSpan({ name: 'other', parent: null });
    const child = other.run(() => root.createChildSpan({ name: 'child' }));
    expect(child.parentSpanId).to.equal(root.id);
  });

  it('may be events: one span.ended without duration, with their output', () => {
    const clock = createFakeClock();
    const { obs, tracing } = createRecordedHost({ clock });
    const root = obs.startSpan({ name: 'root' });
    clock.advanceMs(5);
    const event = root.createEventSpan({ name: 'chunk', type: 'model_chunk', input: 'in', output: 'out' });
    const [, only, ...others] = tracing;
    expect(others).to.deep.equal([]);
    expect(only?.type).to.equal('span.ended');
    const startUnixMicro = (FAKE_START_MS + 5) * 1000;
    expect(only?.exportedSpan).to.include({
      isEvent: true,
      seq: 1,
      status: 'ok',
      input: 'in',
      output: 'out',
    });
    expect(only?.exportedSpan).to.include({ startUnixMicro, endUnixMicro: startUnixMicro, id: event.id });
  });
});

describe('what a span belongs to', () => {
  it('is inherited by its children, which may change it for theirs', () => {
    const { obs, recording } = createRecordedHost();
    const root = obs.startSpan({ name: 'root', userId: 'u', sessionId: 's', entityType: 'agent' });
    const tool = root.createChildSpan({ name: 'tool', entityType: 'tool', entityId: 't1' });
    tool.createChildSpan({ name: 'inner' });
    const inherited = { userId: 'u', sessionId: 's', environment: 'test', serviceName: 'test-service' };
    expect(recording.span('root')).to.include({ ...inherited, entityType: 'agent' });
    expect(recording.span('tool')).to.include({ ...inherited, entityType: 'tool', entityId: 't1' });
    expect(recording.span('inner')).to.include({ ...inherited, entityType: 'tool', entityId: 't1' });
    expect(root.correlation).to.deep.equal({ ...inherited, entityType: 'agent' });
  });

  it('is text, and what is null or undefined is inherited', () => {
    const { obs, recording } = createRecordedHost();
    const root = obs.startSpan({ name: 'root', userId: 42 as never, threadId: 't' });
    root.createChildSpan({ name: 'child', userId: null as never, threadId: undefined as never });
    expect(recording.span('root').userId).to.equal('42');
    expect(recording.span('child')).to.include({ userId: '42', threadId: 't' });
  });

  it('is bounded, and what was cut is named', () => {
    const { obs, recording } = createRecordedHost({ config: { limits: { maxValueBytes: 100 } } });
    obs.startSpan({ name: 'root', userId: 'u'.repeat(5_000) });
    expect(recording.span('root').userId).to.equal('u'.repeat(100));
    expect(recording.span('root').truncated).to.deep.equal([
      { path: 'userId', reason: 'bytes', size: 5_000 },
    ]);
  });
});
