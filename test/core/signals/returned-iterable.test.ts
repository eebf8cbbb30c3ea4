import { expect } from 'chai';
import { createRecordedHost } from '../../kit/recorded-host.ts';

const STARTED = ['span.started'];
const ENDED = ['span.started', 'span.ended'];
const FAILED = ['span.started', 'span.error', 'span.ended'];

const tick = () => new Promise((resolve) => setImmediate(resolve));

async function* count(to: number): AsyncGenerator<number, string> {
  for (let i = 1; i <= to; i++) {
    await tick();
    yield i;
  }
  return 'all';
}

async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of iterable) all.push(item);
  return all;
}

describe('obs.trace with a returned async iterable', () => {
  it('ends the span when a generator is done, not before', async () => {
    const { obs, recording } = createRecordedHost();
    const generator = obs.trace('stream', () => count(3));
    expect(await generator.next()).to.deep.equal({ done: false, value: 1 });
    expect(recording.types('stream')).to.deep.equal(STARTED);
    expect(await collect(generator)).to.deep.equal([2, 3]);
    expect(recording.types('stream')).to.deep.equal(ENDED);
    expect(recording.span('stream')).not.to.have.property('output');
  });

  it('hands over the very object that fn returned', () => {
    const { obs } = createRecordedHost();
    const generator = count(1);
    expect(obs.trace('stream', () => generator)).to.equal(generator);
  });

  it('ends the span when the promise of a generator is consumed', async () => {
    const { obs, recording } = createRecordedHost();
    const generator = await obs.trace('stream', async () => count(2));
    expect(recording.types('stream')).to.deep.equal(STARTED);
    expect(await collect(generator)).to.deep.equal([1, 2]);
    expect(recording.types('stream')).to.deep.equal(ENDED);
  });

  it('ends the span without an error when its reader stops early, and lets the generator clean up', async () => {
    const { obs, recording } = createRecordedHost();
    let cleaned = false;
    async function* source() {
      try {
        yield* count(100);
      } finally {
        cleaned = true;
      }
    }
    for await (const value of obs.trace('stream', source)) if (value === 2) break;
    expect(cleaned).to.equal(true);
    expect(recording.types('stream')).to.deep.equal(ENDED);
    expect(recording.span('stream').status).to.equal('ok');
  });

  it('records what the generator throws and lets the reader have it', async () => {
    const { obs, recording } = createRecordedHost();
    const source = async function* () {
      yield 1;
      throw new Error('connection lost');
    };
    let caught: unknown;
    await collect(obs.trace('stream', source)).catch((error) => {
      caught = error;
    });
    expect(caught).to.be.an('error').with.property('message', 'connection lost');
    expect(recording.types('stream')).to.deep.equal(FAILED);
    expect(recording.span('stream').errorInfo?.message).to.equal('connection lost');
  });

  it('leaves the span open when the generator catches what its reader throws into it', async () => {
    const { obs, recording } = createRecordedHost();
    const generator = obs.trace('stream', async function* () {
      try {
        yield 'first';
      } catch {
        yield 'recovered';
      }
    });
    await generator.next();
    expect(await generator.throw(new Error('reader'))).to.deep.equal({ done: false, value: 'recovered' });
    expect(recording.types('stream')).to.deep.equal(STARTED);
    await generator.next();
    expect(recording.types('stream')).to.deep.equal(ENDED);
  });

  it('keeps the span current inside the generator, whoever reads it', async () => {
    const { obs, recording } = createRecordedHost();
    const source = async function* () {
      for (const i of [1, 2]) {
        obs.startSpan({ name: `chunk ${i}` }).end();
        yield i;
        await tick();
        obs.logger.info(`after ${i}`);
      }
    };
    const generator = obs.trace('stream', source);
    await obs.trace('reader', () => collect(generator).then(() => undefined));
    const { id } = recording.span('stream');
    expect(recording.span('chunk 1').parentSpanId).to.equal(id);
    expect(recording.span('chunk 2').parentSpanId).to.equal(id);
    expect(recording.events.logs.map(({ spanId }) => spanId)).to.deep.equal([id, id]);
  });

  it('does not make the span current for the reader', async () => {
    const { obs } = createRecordedHost();
    for await (const _ of obs.trace('stream', () => count(2))) expect(obs.currentSpan()).to.equal(undefined);
  });

  it('watches what an iterable opens, and ends with it', async () => {
    const { obs, recording } = createRecordedHost();
    class Page {
      readonly #items = ['a', 'b'];
      get size() {
        return this.#items.length;
      }
      async *[Symbol.asyncIterator]() {
        yield* this.#items;
      }
    }
    const page = obs.trace('page', () => new Page());
    expect(page.size).to.equal(2);
    expect(recording.types('page')).to.deep.equal(STARTED);
    expect(await collect(page)).to.deep.equal(['a', 'b']);
    expect(recording.types('page')).to.deep.equal(ENDED);
    expect(await collect(page)).to.deep.equal(['a', 'b']);
    expect(obs.diagnostics().emitted.tracing).to.deep.equal({ count: 2, dropped: {} });
  });

  it('records what opening the iterable throws', () => {
    const { obs, recording } = createRecordedHost();
    const used = {
      [Symbol.asyncIterator]() {
        throw new Error('already read');
      },
    } as AsyncIterable<never>;
    const watched = obs.trace('page', () => used);
    expect(() => watched[Symbol.asyncIterator]()).to.throw('already read');
    expect(recording.types('page')).to.deep.equal(FAILED);
  });

  it('ends when a reader stops early although the iterator has no return()', async () => {
    const { obs, recording } = createRecordedHost();
    let n = 0;
    const endless = {
      next: async () => ({ done: false as const, value: ++n }),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
    for await (const value of obs.trace('endless', () => endless)) if (value === 3) break;
    expect(recording.types('endless')).to.deep.equal(ENDED);
  });

  it('ends when a reader stops early although the generator has more to say', async () => {
    const { obs, recording } = createRecordedHost();
    const stubborn = async function* () {
      try {
        yield 1;
      } finally {
        yield 2;
      }
    };
    for await (const _ of obs.trace('stubborn', stubborn)) break;
    expect(recording.types('stubborn')).to.deep.equal(ENDED);
  });

  it('ends nested spans from the inside out', async () => {
    const { obs, recording } = createRecordedHost();
    const stream = obs.trace('agent', () => obs.trace('model', () => count(1)));
    expect(recording.types('agent')).to.deep.equal(STARTED);
    await collect(stream);
    const ended = recording.events.tracing.filter(({ type }) => type === 'span.ended');
    expect(ended.map(({ exportedSpan }) => exportedSpan.name)).to.deep.equal(['model', 'agent']);
  });

  it('ends at once with a frozen iterable, which cannot be watched', async () => {
    const { obs, recording } = createRecordedHost();
    const frozen = Object.freeze(count(2));
    expect(obs.trace('frozen', () => frozen)).to.equal(frozen);
    expect(recording.types('frozen')).to.deep.equal(ENDED);
    expect(await collect(frozen)).to.deep.equal([1, 2]);
    const opensFrozen = { [Symbol.asyncIterator]: () => Object.freeze(count(1)) };
    expect(await collect(obs.trace('opens', () => opensFrozen))).to.deep.equal([1]);
    expect(recording.types('opens')).to.deep.equal(ENDED);
  });
});
