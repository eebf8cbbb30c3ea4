import { expect } from 'chai';
import { createRecordedHost } from '../../kit/recorded-host.ts';

describe('the size of a span', () => {
  it('is that of what it has now: a field that is replaced a thousand times counts once', () => {
    const { obs, recording } = createRecordedHost({ config: { limits: { maxEventBytes: 20_000 } } });
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
    const { obs, recording } = createRecordedHost({ config: { limits: { maxEventBytes: 10_000 } } });
    const span = obs.startSpan({ name: 'big', input: 'i'.repeat(8_000) });
    span.update({ output: 'o'.repeat(8_000) });
    const { input, output, truncated } = recording.span('big');
    expect(`${input}${output}`.length).to.be.within(9_000, 10_000);
    expect(truncated).to.deep.equal([{ path: 'output', reason: 'bytes', size: 8_000 }]);
  });

  it('names what was cut for as long as it is there', () => {
    const { obs, recording } = createRecordedHost({ config: { limits: { maxValueBytes: 10 } } });
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
    const { obs, recording } = createRecordedHost();
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
