import { expect } from 'chai';
import type { TracingEvent } from '../../../core/signals/tracing.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';

const typeAndSeq = ({ type, exportedSpan }: TracingEvent) => `${type} ${exportedSpan.seq}`;

describe('the errors of a span', () => {
  it('are emitted as span.error, followed exactly once by span.ended that carries errorInfo', () => {
    const { obs, tracing } = createRecordedHost();
    const span = obs.startSpan({ name: 'fails' });
    span.error({ error: new TypeError('nope'), output: 'partial' });
    span.end();
    expect(tracing.map(typeAndSeq)).to.deep.equal(['span.started 1', 'span.error 2', 'span.ended 3']);
    const [, error, ended] = tracing;
    if (error?.type !== 'span.error') throw new Error('the second event is no span.error');
    expect(error.error).to.include({ name: 'TypeError', message: 'nope' });
    expect(error.exportedSpan).to.deep.include({
      status: 'running',
      errorInfo: error.error,
      output: 'partial',
    });
    expect(ended?.exportedSpan).to.deep.include({ status: 'error', errorInfo: error.error });
    expect(error.exportedSpan).not.to.have.property('endTime');
    expect(obs.diagnostics().emitted.tracing.dropped).to.deep.equal({ after_end: 1 });
  });

  it('leave it open with endSpan false, and its end then has status error', () => {
    const { obs, recording } = createRecordedHost();
    const span = obs.startSpan({ name: 'retries' });
    span.error({ error: new Error('first'), endSpan: false });
    span.update({ metadata: { attempt: 2 } });
    expect(recording.types('retries')).to.deep.equal(['span.started', 'span.error', 'span.updated']);
    expect(recording.span('retries')).not.to.have.property('endTime');
    span.end({ output: 'recovered' });
    expect(recording.types('retries').at(-1)).to.equal('span.ended');
    expect(recording.span('retries')).to.deep.include({ status: 'error', output: 'recovered' });
    expect(recording.span('retries').errorInfo?.message).to.equal('first');
  });

  it('keep name, whole message, code, stack and cause of an error', () => {
    const { obs, recording } = createRecordedHost();
    const message = `provider said: ${'long '.repeat(400)}end`;
    const error = Object.assign(new RangeError(message, { cause: new Error('socket closed') }), {
      code: 'E_RANGE',
    });
    obs.startSpan({ name: 'x' }).error({ error });
    expect(recording.span('x').errorInfo).to.deep.equal({
      name: 'RangeError',
      message,
      code: 'E_RANGE',
      stack: error.stack,
      details: { cause: 'socket closed' },
    });
  });

  it('may be anything that can be thrown', () => {
    const { obs, recording } = createRecordedHost();
    const infoOf = (error: unknown) => {
      recording.clear();
      obs.startSpan({ name: 'x' }).error({ error });
      return recording.span('x').errorInfo;
    };
    expect(infoOf('just text')).to.deep.equal({ message: 'just text' });
    expect(infoOf(null)).to.deep.equal({ message: 'null' });
    expect(infoOf(undefined)).to.deep.equal({ message: 'undefined' });
    expect(infoOf(404)).to.deep.equal({ message: '404' });
    expect(infoOf(Symbol('s'))).to.deep.equal({ message: 'Symbol(s)' });
    expect(infoOf({ status: 429, body: 'slow down' })).to.deep.equal({
      message: '[object Object]',
      details: { thrown: { status: 429, body: 'slow down' } },
    });
    expect(infoOf({ name: 'SandboxError', message: 'of another realm', code: 7 })).to.deep.equal({
      name: 'SandboxError',
      message: 'of another realm',
      code: '7',
    });
    expect(infoOf(new Error(''))?.message).to.equal('Error');
  });

  it('may be hostile objects', () => {
    const { obs, recording } = createRecordedHost();
    const throwing = new Proxy(
      {},
      {
        get: () => {
          throw new Error('trap');
        },
        getPrototypeOf: () => {
          throw new Error('trap');
        },
      },
    );
    const badMessage = Object.defineProperty(new Error('x'), 'message', {
      get: () => {
        throw new Error('getter');
      },
    });
    for (const error of [throwing, badMessage, { toString: () => ({}) }, Object.create(null)]) {
      recording.clear();
      obs.startSpan({ name: 'hostile' }).error({ error });
      expect(recording.types('hostile')).to.deep.equal(['span.started', 'span.error', 'span.ended']);
      expect(recording.span('hostile').errorInfo?.message).to.be.a('string').that.is.not.empty;
    }
  });
});
