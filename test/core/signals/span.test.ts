import { expect } from 'chai';
import { isSpanId, isTraceId } from '../../../core/ids.ts';
import type { TracingEvent } from '../../../core/signals/tracing.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';

const typeAndSeq = ({ type, exportedSpan }: TracingEvent) => `${type} ${exportedSpan.seq}`;

describe('a span', () => {
  it('emits started, updated and ended, with rising seq and full snapshots', () => {
    const { obs, tracing } = createRecordedHost();
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
    const { obs, recording } = createRecordedHost();
    expect(obs.startSpan({ name: 'plain' }).type).to.equal('generic');
    expect(recording.span('plain').type).to.equal('generic');
  });

  it('has a 32-character trace id, a 16-character id, and the ids its events carry', () => {
    const { obs, recording } = createRecordedHost();
    const span = obs.startSpan({ name: 'root' });
    expect(isTraceId(span.traceId)).to.equal(true);
    expect(isSpanId(span.id)).to.equal(true);
    expect(span.trace.id).to.equal(span.traceId);
    expect(recording.span('root')).to.include({ id: span.id, traceId: span.traceId });
  });

  it('replaces input, output and tags, and merges attributes and metadata key by key', () => {
    const { obs, recording } = createRecordedHost();
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
    const { obs, tracing } = createRecordedHost({ config: { environment: 'production' } });
    const given = { step: 1 };
    const span = obs.startSpan({ name: 'work', attributes: given, metadata: { list: [1] } });
    given.step = 99;
    span.update({ attributes: { step: 2 }, metadata: { list: [2] } });
    expect(tracing.map(({ exportedSpan }) => exportedSpan.attributes?.['step'])).to.deep.equal([1, 2]);
    expect(tracing[0]!.exportedSpan.metadata).to.deep.equal({ list: [1] });
  });

  it('ends once: everything after its end is counted and emits nothing', () => {
    const { obs, recording } = createRecordedHost();
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
    const { obs, recording } = createRecordedHost();
    obs.startSpan({ name: 'custom', type: 'reranking' as never });
    obs.startSpan({ name: 'wrong', type: { not: 'text' } as never });
    expect(recording.span('custom').type).to.equal('reranking');
    expect(recording.span('wrong').type).to.equal('{"not":"text"}');
  });

  it('makes tags a list of texts, whatever was given', () => {
    const { obs, recording } = createRecordedHost();
    obs.startSpan({ name: 'one', tags: 'solo' as never });
    obs.startSpan({ name: 'mixed', tags: ['a', 1, { b: 2 }] as never });
    expect(recording.span('one').tags).to.deep.equal(['solo']);
    expect(recording.span('mixed').tags).to.deep.equal(['a', '1', '{"b":2}']);
  });

  it('keeps scope and links', () => {
    const { obs, recording } = createRecordedHost();
    const scope = { name: 'my-lib', version: '1.2.3', attributes: { a: 1 } };
    const links = [{ traceId: '1'.repeat(32), spanId: '2'.repeat(16), attributes: { why: 'retry' } }];
    obs.startSpan({ name: 'linked', scope, links }).end();
    expect(recording.span('linked')).to.deep.include({ scope, links });
  });
});
