import { type Duplex, PassThrough, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect } from 'chai';
import { createRecordedHost } from '../../kit/recorded-host.ts';

const STARTED = ['span.started'];
const ENDED = ['span.started', 'span.ended'];
const FAILED = ['span.started', 'span.error', 'span.ended'];

const tick = () => new Promise((resolve) => setImmediate(resolve));

async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of iterable) all.push(item);
  return all;
}

describe('obs.trace with a returned Node stream', () => {
  it('ends the span when the stream has been read', async () => {
    const { obs, recording } = createRecordedHost();
    const source = Readable.from(['a', 'b', 'c']);
    const stream = obs.trace('file', () => source);
    expect(stream).to.equal(source);
    await tick();
    expect(recording.types('file')).to.deep.equal(STARTED);
    expect(await collect(stream)).to.deep.equal(['a', 'b', 'c']);
    expect(recording.types('file')).to.deep.equal(ENDED);
    expect(recording.span('file')).not.to.have.property('output');
  });

  it('records the error that destroys the stream', async () => {
    const { obs, recording } = createRecordedHost();
    const stream = obs.trace('file', () => new Readable({ read() {} }));
    stream.on('error', () => {});
    stream.destroy(new Error('disk gone'));
    await tick();
    expect(recording.types('file')).to.deep.equal(FAILED);
    expect(recording.span('file').errorInfo?.message).to.equal('disk gone');
  });

  it('leaves an error that nobody handles unhandled', async () => {
    const { obs } = createRecordedHost();
    const stream = obs.trace('file', () => new Readable({ read() {} }));
    expect(stream.listenerCount('error')).to.equal(0);
    stream.on('error', () => {}).destroy(new Error('x'));
    await tick();
  });

  it('ends without an error when the reader closes the stream early', async () => {
    const { obs, recording } = createRecordedHost();
    const stream = obs.trace('file', () => Readable.from(['a', 'b', 'c']));
    for await (const _ of stream) break;
    await tick();
    expect(recording.types('file')).to.deep.equal(ENDED);
  });

  it('ends without an error when the stream is destroyed without one', async () => {
    const { obs, recording } = createRecordedHost();
    obs.trace('file', () => new Readable({ read() {} })).destroy();
    await tick();
    expect(recording.types('file')).to.deep.equal(ENDED);
  });

  it('ends when a writable has been written, and a duplex has been read', async () => {
    const { obs, recording } = createRecordedHost();
    const sink = obs.trace('sink', () => new Writable({ write: (_chunk, _encoding, done) => done() }));
    await pipeline(Readable.from(['a']), sink);
    await tick();
    expect(recording.types('sink')).to.deep.equal(ENDED);
    const pass: Duplex = obs.trace('pass', () => new PassThrough());
    pass.end('data');
    await collect(pass);
    expect(recording.types('pass')).to.deep.equal(ENDED);
  });

  it('ends at once for a stream that is over already', async () => {
    const { obs, recording } = createRecordedHost();
    const over = Readable.from(['a']);
    await collect(over);
    obs.trace('over', () => over);
    expect(recording.types('over')).to.deep.equal(ENDED);
    const broken = new Readable({ read() {} });
    broken.on('error', () => {}).destroy(new Error('earlier'));
    await tick();
    obs.trace('broken', () => broken);
    expect(recording.types('broken')).to.deep.equal(FAILED);
  });
});
