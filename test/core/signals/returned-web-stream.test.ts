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

describe('obs.trace with a returned web stream', () => {
  const numbers = (onPull = (_i: number) => {}) => {
    let i = 0;
    return new ReadableStream<number>(
      {
        pull(controller) {
          onPull(++i);
          if (i > 3) controller.close();
          else controller.enqueue(i);
        },
      },
      { highWaterMark: 0 },
    );
  };

  it('passes everything through and ends the span with it', async () => {
    const { obs, recording } = createRecordedHost();
    const stream = obs.trace('fetch', () => numbers());
    expect(stream).to.be.instanceOf(ReadableStream);
    expect(recording.types('fetch')).to.deep.equal(STARTED);
    expect(await collect(stream as unknown as AsyncIterable<number>)).to.deep.equal([1, 2, 3]);
    expect(recording.types('fetch')).to.deep.equal(ENDED);
    expect(recording.span('fetch')).not.to.have.property('output');
  });

  it('reads nothing ahead of its reader', async () => {
    const { obs } = createRecordedHost();
    const pulled: number[] = [];
    const reader = (await obs.trace('fetch', async () => numbers((i) => pulled.push(i)))).getReader();
    await tick();
    expect(pulled).to.deep.equal([]);
    await reader.read();
    await tick();
    expect(pulled).to.deep.equal([1]);
    await reader.cancel();
  });

  it('ends without an error when it is cancelled, and tells the source why', async () => {
    const { obs, recording } = createRecordedHost();
    let reason: unknown;
    const source = new ReadableStream({
      cancel(why) {
        reason = why;
      },
    });
    await obs.trace('fetch', () => source).cancel('enough');
    expect(reason).to.equal('enough');
    expect(recording.types('fetch')).to.deep.equal(ENDED);
  });

  it('records the failure of the source and passes it on', async () => {
    const { obs, recording } = createRecordedHost();
    const source = new ReadableStream({
      pull(controller) {
        controller.error(new Error('reset'));
      },
    });
    const failure = await obs
      .trace('fetch', () => source)
      .getReader()
      .read()
      .catch((error) => error);
    expect(failure).to.be.an('error').with.property('message', 'reset');
    expect(recording.types('fetch')).to.deep.equal(FAILED);
  });

  it('keeps the span current inside the source', async () => {
    const { obs, recording } = createRecordedHost();
    const stream = obs.trace('fetch', () => numbers((i) => obs.logger.info(`pull ${i}`)));
    await collect(stream as unknown as AsyncIterable<number>);
    const ids = new Set(recording.events.logs.map(({ spanId }) => spanId));
    expect([...ids]).to.deep.equal([recording.span('fetch').id]);
  });

  it('hands over a locked stream as it is', () => {
    const { obs, recording } = createRecordedHost();
    const locked = numbers();
    const reader = locked.getReader();
    expect(obs.trace('locked', () => locked)).to.equal(locked);
    expect(recording.types('locked')).to.deep.equal(ENDED);
    reader.releaseLock();
  });
});

describe('obs.trace with a result that is hostile', () => {
  it('hands it over and ends', () => {
    const { obs, recording } = createRecordedHost();
    const trap = () => {
      throw new Error('trap');
    };
    const hostile = new Proxy({}, { get: trap, getPrototypeOf: trap, ownKeys: trap, has: trap });
    expect(obs.trace('hostile', () => hostile)).to.equal(hostile);
    expect(recording.types('hostile')).to.deep.equal(ENDED);
  });
});
