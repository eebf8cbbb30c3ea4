import { expect } from 'chai';
import { isSpanId, isTraceId } from '../../../core/ids.ts';
import type { TracingEvent } from '../../../core/signals/tracing.ts';
import { createFakeClock, FAKE_START_MS } from '../../kit/clock.ts';
import { createTestHost, type TestHostOptions } from '../../kit/host.ts';
import { createRecording } from '../../kit/recording.ts';

function setup(options: TestHostOptions = {}) {
  const recording = createRecording();
  const host = createTestHost({ plugins: { recording: recording.plugin }, ...options });
  return { ...host, recording, tracing: recording.events.tracing };
}

const typeAndSeq = ({ type, exportedSpan }: TracingEvent) => `${type} ${exportedSpan.seq}`;

describe('a span', () => {
  it('emits started, updated and ended, with rising seq and full snapshots', () => {
    const { obs, tracing } = setup();
    const span = obs.startSpan({ name: 'work', type: 'tool_call', input: { q: 1 }, tags: ['a'] });
    span.update({ attributes: { toolCallId: 'c1' } });
    span.end({ output: 'done' });
    expect(tracing.map(typeAndSeq)).to.deep.equal(['span.started 1', 'span.updated 2', 'span.ended 3']);
    expect(tracing.map(({ exportedSpan }) => exportedSpan.status)).to.deep.equal([
      'running',
      'running',
      'ok',
    ]);
    const [started, , ended] = tracing.map(({ exportedSpan }) => exportedSpan);
    expect(started).to.include({ name: 'work', type: 'tool_call', isRootSpan: true, isEvent: false });
    expect(started).not.to.have.any.keys('endTime', 'endUnixMicro', 'output', 'parentSpanId', 'errorInfo');
    expect(ended).to.deep.include({
      input: { q: 1 },
      output: 'done',
      tags: ['a'],
      attributes: { toolCallId: 'c1' },
    });
  });

  it('is of type generic unless told otherwise', () => {
    const { obs, recording } = setup();
    expect(obs.startSpan({ name: 'plain' }).type).to.equal('generic');
    expect(recording.span('plain').type).to.equal('generic');
  });

  it('has a 32-character trace id, a 16-character id, and the ids its events carry', () => {
    const { obs, recording } = setup();
    const span = obs.startSpan({ name: 'root' });
    expect(isTraceId(span.traceId)).to.equal(true);
    expect(isSpanId(span.id)).to.equal(true);
    expect(span.trace.id).to.equal(span.traceId);
    expect(recording.span('root')).to.include({ id: span.id, traceId: span.traceId });
  });

  it('replaces input, output and tags, and merges attributes and metadata key by key', () => {
    const { obs, recording } = setup();
    const span = obs.startSpan({
      name: 'merge',
      input: { first: 1 },
      attributes: { kept: 1, changed: 1 },
      metadata: { kept: 'm' },
      tags: ['old', 'older'],
    });
    span.update({
      input: { second: 2 },
      attributes: { changed: 2 },
      metadata: { added: 'n' },
      tags: ['new'],
    });
    span.update({});
    span.end({ attributes: { last: 3 } });
    expect(recording.span('merge')).to.deep.include({
      input: { second: 2 },
      attributes: { kept: 1, changed: 2, last: 3 },
      metadata: { kept: 'm', added: 'n' },
      tags: ['new'],
    });
  });

  it('leaves the snapshots of earlier events as they were when it is updated', () => {
    const { obs, tracing } = setup({ config: { environment: 'production' } });
    const given = { step: 1 };
    const span = obs.startSpan({ name: 'work', attributes: given, metadata: { list: [1] } });
    given.step = 99;
    span.update({ attributes: { step: 2 }, metadata: { list: [2] } });
    expect(tracing.map(({ exportedSpan }) => exportedSpan.attributes?.['step'])).to.deep.equal([1, 2]);
    expect(tracing[0]!.exportedSpan.metadata).to.deep.equal({ list: [1] });
  });

  it('ends once: everything after its end is counted and emits nothing', () => {
    const { obs, recording } = setup();
    const span = obs.startSpan({ name: 'twice' });
    span.end({ output: 1 });
    span.end({ output: 2 });
    span.update({ output: 3 });
    span.error({ error: new Error('late') });
    expect(recording.types('twice')).to.deep.equal(['span.started', 'span.ended']);
    expect(recording.span('twice').output).to.equal(1);
    expect(obs.diagnostics().emitted.tracing).to.deep.equal({ count: 2, dropped: { after_end: 3 } });
  });

  it('records a type that nobody knows as it was given, as text', () => {
    const { obs, recording } = setup();
    obs.startSpan({ name: 'custom', type: 'reranking' as never });
    obs.startSpan({ name: 'wrong', type: { not: 'text' } as never });
    expect(recording.span('custom').type).to.equal('reranking');
    expect(recording.span('wrong').type).to.equal('{"not":"text"}');
  });

  it('makes tags a list of texts, whatever was given', () => {
    const { obs, recording } = setup();
    obs.startSpan({ name: 'one', tags: 'solo' as never });
    obs.startSpan({ name: 'mixed', tags: ['a', 1, { b: 2 }] as never });
    expect(recording.span('one').tags).to.deep.equal(['solo']);
    expect(recording.span('mixed').tags).to.deep.equal(['a', '1', '{"b":2}']);
  });

  it('keeps scope and links', () => {
    const { obs, recording } = setup();
    const scope = { name: 'my-lib', version: '1.2.3', attributes: { a: 1 } };
    const links = [{ traceId: '1'.repeat(32), spanId: '2'.repeat(16), attributes: { why: 'retry' } }];
    obs.startSpan({ name: 'linked', scope, links }).end();
    expect(recording.span('linked')).to.deep.include({ scope, links });
  });
});

describe('the errors of a span', () => {
  it('are emitted as span.error, followed exactly once by span.ended that carries errorInfo', () => {
    const { obs, tracing } = setup();
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
    const { obs, recording } = setup();
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
    const { obs, recording } = setup();
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
    const { obs, recording } = setup();
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
    const { obs, recording } = setup();
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

describe('the children of a span', () => {
  it('carry its trace id and name it as parent, to any depth', () => {
    const { obs, recording } = setup();
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
    const { obs, recording } = setup();
    const root = obs.startSpan({ name: 'root' });
    root.end();
    root.createChildSpan({ name: 'late' }).end();
    expect(recording.span('late')).to.include({ parentSpanId: root.id, status: 'ok' });
  });

  it('ignore the span that is current', () => {
    const { obs } = setup();
    const root = obs.startSpan({ name: 'root' });
    const other = obs.startSpan({ name: 'other', parent: null });
    const child = other.run(() => root.createChildSpan({ name: 'child' }));
    expect(child.parentSpanId).to.equal(root.id);
  });

  it('may be events: one span.ended without duration, with their output', () => {
    const clock = createFakeClock();
    const { obs, tracing } = setup({ clock });
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
    const { obs, recording } = setup();
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
    const { obs, recording } = setup();
    const root = obs.startSpan({ name: 'root', userId: 42 as never, threadId: 't' });
    root.createChildSpan({ name: 'child', userId: null as never, threadId: undefined as never });
    expect(recording.span('root').userId).to.equal('42');
    expect(recording.span('child')).to.include({ userId: '42', threadId: 't' });
  });

  it('is bounded, and what was cut is named', () => {
    const { obs, recording } = setup({ config: { limits: { maxValueBytes: 100 } } });
    obs.startSpan({ name: 'root', userId: 'u'.repeat(5_000) });
    expect(recording.span('root').userId).to.equal('u'.repeat(100));
    expect(recording.span('root').truncated).to.deep.equal([
      { path: 'userId', reason: 'bytes', size: 5_000 },
    ]);
  });
});

describe('the time of a span', () => {
  it('is measured in microseconds', () => {
    const clock = createFakeClock();
    const { obs, recording } = setup({ clock });
    const span = obs.startSpan({ name: 'short' });
    clock.advanceMicro(1_337);
    span.end();
    const startUnixMicro = FAKE_START_MS * 1000;
    expect(recording.span('short')).to.include({ startUnixMicro, endUnixMicro: startUnixMicro + 1_337 });
    expect(recording.span('short').startTime).to.deep.equal(new Date(FAKE_START_MS));
    expect(recording.span('short').endTime).to.deep.equal(new Date(FAKE_START_MS + 1));
  });

  it('keeps spans of one instant in the order in which they were started', () => {
    const { obs, tracing } = setup({ clock: createFakeClock() });
    const root = obs.startSpan({ name: 'root' });
    for (let i = 0; i < 50; i++) {
      if (i % 2) root.createEventSpan({ name: `${i}` });
      else root.createChildSpan({ name: `${i}` }).end();
    }
    const first = tracing.filter(({ exportedSpan }) => exportedSpan.seq === 1);
    const starts = first.map(({ exportedSpan }) => exportedSpan.startUnixMicro);
    expect(starts).to.have.length(51);
    for (let i = 1; i < starts.length; i++) expect(starts[i]).to.be.greaterThan(starts[i - 1]!);
    for (const { exportedSpan: span } of tracing)
      if (span.endUnixMicro !== undefined) expect(span.endUnixMicro).to.be.at.least(span.startUnixMicro);
  });

  it('survives a clock that is set back: no negative duration, and children stay after their parents', () => {
    const clock = createFakeClock();
    const { obs, recording } = setup({ clock });
    const root = obs.startSpan({ name: 'root' });
    clock.advanceMs(10);
    clock.setWallMs(FAKE_START_MS - 3_600_000);
    const child = root.createChildSpan({ name: 'child' });
    clock.advanceMs(10);
    child.end();
    root.end();
    const startUnixMicro = FAKE_START_MS * 1000;
    expect(recording.span('root')).to.include({ startUnixMicro, endUnixMicro: startUnixMicro + 20_000 });
    expect(recording.span('child').startUnixMicro).to.equal(startUnixMicro + 10_000);
    expect(recording.span('child').endUnixMicro).to.equal(startUnixMicro + 20_000);
  });

  it('is taken from the caller where given', () => {
    const { obs, recording } = setup();
    const span = obs.startSpan({ name: 'past', startTime: new Date(1_000) });
    span.end({ endTime: new Date(3_500) });
    expect(recording.span('past')).to.include({ startUnixMicro: 1_000_000, endUnixMicro: 3_500_000 });
  });

  it('never ends before it starts, whatever end is given', () => {
    const { obs, recording } = setup();
    obs.startSpan({ name: 'turned', startTime: new Date(5_000) }).end({ endTime: new Date(1_000) });
    expect(recording.span('turned')).to.include({ startUnixMicro: 5_000_000, endUnixMicro: 5_000_000 });
  });

  it('is now for a given date that is none', () => {
    const clock = createFakeClock();
    const { obs, recording } = setup({ clock });
    for (const time of [new Date(Number.NaN), 'yesterday', {}, null, Symbol('now')] as never[]) {
      recording.clear();
      const span = obs.startSpan({ name: 'odd', startTime: time });
      clock.advanceMs(1);
      span.end({ endTime: time });
      const { startUnixMicro, endUnixMicro } = recording.span('odd');
      expect(startUnixMicro).to.be.within(FAKE_START_MS * 1000, FAKE_START_MS * 1000 + 10_000);
      expect(endUnixMicro! - startUnixMicro).to.equal(1_000);
    }
  });
});

describe('the size of a span', () => {
  it('is that of what it has now: a field that is replaced a thousand times counts once', () => {
    const { obs, recording } = setup({ config: { limits: { maxEventBytes: 20_000 } } });
    const span = obs.startSpan({ name: 'streams', input: 'question' });
    let text = '';
    for (let i = 0; i < 1_000; i++) {
      text = `${i} `.padEnd(4_000, 'x');
      span.update({ output: text, attributes: { partial: text.slice(0, 2_000) }, metadata: { i } });
    }
    span.end({ tags: ['last'] });
    expect(recording.span('streams')).to.deep.include({
      input: 'question',
      output: text,
      attributes: { partial: text.slice(0, 2_000) },
      metadata: { i: 999 },
      tags: ['last'],
    });
    expect(recording.span('streams')).not.to.have.property('truncated');
  });

  it('is bounded over all that it has at once', () => {
    const { obs, recording } = setup({ config: { limits: { maxEventBytes: 10_000 } } });
    const span = obs.startSpan({ name: 'big', input: 'i'.repeat(8_000) });
    span.update({ output: 'o'.repeat(8_000) });
    const { input, output, truncated } = recording.span('big');
    expect(`${input}${output}`.length).to.be.within(9_000, 10_000);
    expect(truncated).to.deep.equal([{ path: 'output', reason: 'bytes', size: 8_000 }]);
  });

  it('names what was cut for as long as it is there', () => {
    const { obs, recording } = setup({ config: { limits: { maxValueBytes: 10 } } });
    const long = 'x'.repeat(50);
    const span = obs.startSpan({ name: 'cut', input: long, attributes: { a: long, ab: long } });
    const paths = () => recording.span('cut').truncated?.map(({ path }) => path);
    expect(paths()).to.deep.equal(['input', 'attributes.a', 'attributes.ab']);
    span.update({ output: { deep: long }, tags: [long] });
    expect(paths()).to.deep.equal(['input', 'attributes.a', 'attributes.ab', 'output.deep', 'tags.0']);
    span.error({ error: long, endSpan: false });
    expect(paths()).to.include('errorInfo.message');
    span.error({ error: 'short', endSpan: false, output: 'short', tags: ['short'] });
    expect(paths()).to.deep.equal(['input', 'attributes.a', 'attributes.ab']);
    span.update({ input: 'short', attributes: { a: 'short' } });
    expect(paths()).to.deep.equal(['attributes.ab']);
    span.end({ attributes: { ab: 'short' } });
    expect(paths()).to.equal(undefined);
  });

  it('makes no attribute of an object that could not be taken', () => {
    const { obs, recording } = setup();
    const unreadable = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('trap');
        },
      },
    );
    obs.startSpan({ name: 'x', attributes: { kept: 1 }, metadata: unreadable as never });
    expect(recording.span('x').attributes).to.deep.equal({ kept: 1 });
    expect(recording.span('x')).not.to.have.property('metadata');
    expect(recording.span('x').truncated).to.deep.equal([{ path: 'metadata', reason: 'unreadable' }]);
  });
});

describe('a span in a trace that is not sampled', () => {
  it('has real ids and a traceparent that says so, and emits nothing', () => {
    const { obs, recording } = setup({ config: { signals: { tracing: { sample: 0 } } } });
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
    const { obs } = setup({ config: { signals: { tracing: { sample: 0 } } } });
    obs.trace('root', (span) => {
      expect(obs.currentSpan()).to.equal(span);
      expect(span.run(() => obs.currentSpan())).to.equal(span);
    });
  });
});
