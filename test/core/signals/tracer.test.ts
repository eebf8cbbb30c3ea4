import { expect } from 'chai';
import { createTestHost, type TestHostOptions } from '../../kit/host.ts';
import { createRecording } from '../../kit/recording.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';
const sampled = `00-${TRACE_ID}-${SPAN_ID}-01`;
const unsampled = `00-${TRACE_ID}-${SPAN_ID}-00`;

function setup(options: TestHostOptions = {}) {
  const recording = createRecording();
  const host = createTestHost({ plugins: { recording: recording.plugin }, ...options });
  return { ...host, recording };
}

describe('obs.startSpan', () => {
  it('hangs under the current span, and does not become current itself', () => {
    const { obs } = setup();
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
    const { obs } = setup();
    const [a, b] = [obs.startSpan({ name: 'a' }), obs.startSpan({ name: 'b' })];
    const child = a.run(() => obs.startSpan({ name: 'child', parent: b }));
    expect([child.traceId, child.parentSpanId]).to.deep.equal([b.traceId, b.id]);
  });

  it('starts a new trace with parent null', () => {
    const { obs, recording } = setup();
    const root = obs.startSpan({ name: 'root', userId: 'u' });
    const fresh = root.run(() => obs.startSpan({ name: 'fresh', parent: null }));
    expect(fresh.traceId).not.to.equal(root.traceId);
    expect(recording.span('fresh')).to.include({ isRootSpan: true });
    expect(recording.span('fresh')).not.to.have.any.keys('parentSpanId', 'userId');
  });

  it('keeps the trace id and the parent span id it is given', () => {
    const { obs, recording } = setup();
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
    const { obs } = setup();
    for (const traceId of ['short', TRACE_ID.toUpperCase(), '0'.repeat(32), `${TRACE_ID}0`, 12 as never]) {
      expect(obs.startSpan({ name: 'x', traceId }).traceId).not.to.equal(traceId);
    }
    const odd = obs.startSpan({ name: 'x', traceId: TRACE_ID, parentSpanId: '0'.repeat(16) });
    expect([odd.traceId, odd.parentSpanId]).to.deep.equal([TRACE_ID, undefined]);
    const root = obs.startSpan({ name: 'root' });
    expect(obs.startSpan({ name: 'x', parent: root, traceId: TRACE_ID }).traceId).to.equal(root.traceId);
  });

  it('takes only options: what a loop passes beside them changes nothing', () => {
    const { obs, recording } = setup();
    [{ name: 'a' }, { name: 'b' }].map(obs.startSpan as never);
    expect(recording.types('b')).to.deep.equal(['span.started']);
  });
});

describe('traceparent', () => {
  it('comes out as what the next service continues', () => {
    const { obs, recording } = setup();
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
    const { obs } = setup();
    const span = obs.trace('job', () => obs.startSpan({ name: 'server', traceparent: sampled }));
    expect([span.traceId, span.parentSpanId]).to.deep.equal([TRACE_ID, SPAN_ID]);
  });

  it('gives way to a parent that is given', () => {
    const { obs } = setup();
    const parent = obs.startSpan({ name: 'parent' });
    const span = obs.startSpan({ name: 'x', traceparent: sampled, parent });
    expect([span.traceId, span.parentSpanId]).to.deep.equal([parent.traceId, parent.id]);
  });

  it('decides about sampling: 00 is dropped at ratio 1, and 01 is kept at ratio 0', () => {
    const all = setup();
    expect(all.obs.startSpan({ name: 'x', traceparent: unsampled }).isSampled).to.equal(false);
    expect(all.recording.all).to.deep.equal([]);
    const none = setup({ config: { signals: { tracing: { sample: 0 } } } });
    const kept = none.obs.startSpan({ name: 'x', traceparent: sampled });
    expect(kept.isSampled).to.equal(true);
    expect(kept.createChildSpan({ name: 'child' }).isSampled).to.equal(true);
    expect(none.recording.types('child')).to.deep.equal(['span.started']);
  });

  it('is ignored when malformed: a new trace, or the current one', () => {
    const { obs } = setup();
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

describe('obs.trace', () => {
  it('runs fn in a new current span, ends it, and returns what fn returns', () => {
    const { obs, recording } = setup();
    const result = { answer: 42 };
    const returned = obs.trace('work', { type: 'tool_call', input: 'q' }, (span) => {
      expect(obs.currentSpan()).to.equal(span);
      expect(recording.types('work')).to.deep.equal(['span.started']);
      return result;
    });
    expect(returned).to.equal(result);
    expect(obs.currentSpan()).to.equal(undefined);
    expect(recording.types('work')).to.deep.equal(['span.started', 'span.ended']);
    expect(recording.span('work')).to.deep.include({ type: 'tool_call', input: 'q', output: { answer: 42 } });
  });

  it('records what fn throws and throws the same thing on', () => {
    const { obs, recording } = setup();
    const error = new Error('broken');
    expect(() =>
      obs.trace('work', () => {
        throw error;
      }),
    )
      .to.throw(Error)
      .that.equals(error);
    expect(recording.types('work')).to.deep.equal(['span.started', 'span.error', 'span.ended']);
    expect(recording.span('work')).to.include({ status: 'error' });
    expect(recording.span('work').errorInfo?.message).to.equal('broken');
  });

  it('ends when the promise of fn resolves', async () => {
    const { obs, recording } = setup();
    const promise = obs.trace('work', async () => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      return 'late';
    });
    expect(recording.types('work')).to.deep.equal(['span.started']);
    expect(await promise).to.equal('late');
    expect(recording.span('work')).to.include({ status: 'ok', output: 'late' });
  });

  it('has ended by the time its caller goes on', async () => {
    const { obs, recording } = setup();
    await obs.trace('work', async () => 1);
    expect(recording.types('work')).to.deep.equal(['span.started', 'span.ended']);
    await obs.trace('fails', async () => Promise.reject(new Error('x'))).catch(() => {});
    expect(recording.types('fails')).to.deep.equal(['span.started', 'span.error', 'span.ended']);
  });

  it('records a rejection and rejects with the same thing', async () => {
    const { obs, recording } = setup();
    const error = new Error('refused');
    let caught: unknown;
    await obs
      .trace('work', () => Promise.reject(error))
      .catch((reason) => {
        caught = reason;
      });
    expect(caught).to.equal(error);
    expect(recording.types('work')).to.deep.equal(['span.started', 'span.error', 'span.ended']);
  });

  it('works with promises that are not native', async () => {
    const { obs, recording } = setup();
    const native = new Promise<number>((resolve) => setTimeout(resolve, 1, 7));
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what this is about
    const thenable = { then: native.then.bind(native) } as Promise<number>;
    expect(await obs.trace('work', () => thenable)).to.equal(7);
    expect(recording.span('work')).to.include({ output: 7 });
  });

  it('nests: what is started inside hangs under it', async () => {
    const { obs, recording } = setup();
    await obs.trace('agent', async () => {
      await obs.trace('model', async () => {
        await null;
        obs.startSpan({ name: 'chunk' });
      });
      obs.trace('tool', () => {});
    });
    const agent = recording.span('agent');
    expect(recording.span('model').parentSpanId).to.equal(agent.id);
    expect(recording.span('tool').parentSpanId).to.equal(agent.id);
    expect(recording.span('chunk').parentSpanId).to.equal(recording.span('model').id);
    expect(new Set(recording.events.tracing.map(({ exportedSpan }) => exportedSpan.traceId)).size).to.equal(
      1,
    );
  });

  it('takes the result as output only where fn set none', async () => {
    const { obs, recording } = setup();
    obs.trace('set', (span) => {
      span.update({ output: 'summary' });
      return 'raw';
    });
    expect(recording.span('set').output).to.equal('summary');
    await obs.trace('nothing', async () => undefined);
    expect(recording.span('nothing')).not.to.have.property('output');
    obs.trace('null', () => null);
    expect(recording.span('null').output).to.equal(null);
    obs.trace('falsy', () => 0);
    expect(recording.span('falsy').output).to.equal(0);
  });

  it('leaves a span alone that fn has ended by hand', () => {
    const { obs, recording } = setup();
    expect(
      obs.trace('ended', (span) => {
        span.end({ output: 'mine' });
        return 'result';
      }),
    ).to.equal('result');
    expect(() =>
      obs.trace('failed', (span) => {
        span.error({ error: new Error('first') });
        throw new Error('second');
      }),
    ).to.throw('second');
    expect(recording.types('ended')).to.deep.equal(['span.started', 'span.ended']);
    expect(recording.span('ended').output).to.equal('mine');
    expect(recording.types('failed')).to.deep.equal(['span.started', 'span.error', 'span.ended']);
    expect(recording.span('failed').errorInfo?.message).to.equal('first');
    expect(obs.diagnostics().emitted.tracing.dropped).to.deep.equal({});
  });

  it('continues a traceparent and takes correlation, like startSpan', () => {
    const { obs, recording } = setup();
    obs.trace('request', { traceparent: sampled, userId: 'u', requestId: 'r' }, () => {});
    expect(recording.span('request')).to.include({
      traceId: TRACE_ID,
      parentSpanId: SPAN_ID,
      userId: 'u',
      requestId: 'r',
    });
  });

  it('runs fn and returns its result when tracing is off', async () => {
    const { obs, recording } = setup({ config: { signals: { tracing: { enabled: false } } } });
    expect(obs.trace('x', (span) => span.createChildSpan({ name: 'y' }).traceId)).to.equal('0'.repeat(32));
    expect(await obs.trace('x', async () => 5)).to.equal(5);
    expect(obs.currentSpan()).to.equal(undefined);
    expect(recording.all).to.deep.equal([]);
  });
});

describe('span.run', () => {
  it('makes the span current for fn and what it awaits, and leaves it open', async () => {
    const { obs, recording } = setup();
    const span = obs.startSpan({ name: 'manual' });
    const seen = await span.run(async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return obs.currentSpan();
    });
    expect(seen).to.equal(span);
    expect(recording.types('manual')).to.deep.equal(['span.started']);
  });

  it('throws on what fn throws, and records nothing', () => {
    const { obs, recording } = setup();
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
    const outer = setup({ config: { signals: { tracing: { sample: 0 } } } });
    const inner = setup();
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
