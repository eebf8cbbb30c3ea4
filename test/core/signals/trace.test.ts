import { expect } from 'chai';
import { createRecordedHost } from '../../kit/recorded-host.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';
const sampled = `00-${TRACE_ID}-${SPAN_ID}-01`;

describe('obs.trace', () => {
  it('runs fn in a new current span, ends it, and returns what fn returns', () => {
    const { obs, recording } = createRecordedHost();
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
    const { obs, recording } = createRecordedHost();
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
    const { obs, recording } = createRecordedHost();
    const promise = obs.trace('work', async () => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      return 'late';
    });
    expect(recording.types('work')).to.deep.equal(['span.started']);
    expect(await promise).to.equal('late');
    expect(recording.span('work')).to.include({ status: 'ok', output: 'late' });
  });

  it('has ended by the time its caller goes on', async () => {
    const { obs, recording } = createRecordedHost();
    await obs.trace('work', async () => 1);
    expect(recording.types('work')).to.deep.equal(['span.started', 'span.ended']);
    await obs.trace('fails', async () => Promise.reject(new Error('x'))).catch(() => {});
    expect(recording.types('fails')).to.deep.equal(['span.started', 'span.error', 'span.ended']);
  });

  it('records a rejection and rejects with the same thing', async () => {
    const { obs, recording } = createRecordedHost();
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
    const { obs, recording } = createRecordedHost();
    const native = new Promise<number>((resolve) => setTimeout(resolve, 1, 7));
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what this is about
    const thenable = { then: native.then.bind(native) } as Promise<number>;
    expect(await obs.trace('work', () => thenable)).to.equal(7);
    expect(recording.span('work')).to.include({ output: 7 });
  });

  it('nests: what is started inside hangs under it', async () => {
    const { obs, recording } = createRecordedHost();
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
    const { obs, recording } = createRecordedHost();
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
    const { obs, recording } = createRecordedHost();
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
    const { obs, recording } = createRecordedHost();
    obs.trace('request', { traceparent: sampled, userId: 'u', requestId: 'r' }, () => {});
    expect(recording.span('request')).to.include({
      traceId: TRACE_ID,
      parentSpanId: SPAN_ID,
      userId: 'u',
      requestId: 'r',
    });
  });

  it('runs fn and returns its result when tracing is off', async () => {
    const { obs, recording } = createRecordedHost({ config: { signals: { tracing: { enabled: false } } } });
    expect(obs.trace('x', (span) => span.createChildSpan({ name: 'y' }).traceId)).to.equal('0'.repeat(32));
    expect(await obs.trace('x', async () => 5)).to.equal(5);
    expect(obs.currentSpan()).to.equal(undefined);
    expect(recording.all).to.deep.equal([]);
  });
});
