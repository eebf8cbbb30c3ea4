import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import {
  bind,
  createObservabilityContext,
  currentSpan,
  isSilenced,
  noOpTracingContext,
  runSilenced,
} from '../../../core/context/context.ts';
import { noOpLoggerContext, noOpMetricsContext } from '../../../core/signals/noop.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('the current span', () => {
  it('is found deep in awaited code, timers, microtasks and callbacks', async () => {
    const { obs } = createRecordedHost();
    await obs.trace('work', async (span) => {
      const deep = async (levels: number): Promise<unknown> => {
        await sleep(levels % 2);
        return levels === 0 ? obs.currentSpan() : deep(levels - 1);
      };
      expect(await deep(5)).to.equal(span);
      expect(await new Promise((resolve) => setImmediate(() => resolve(obs.currentSpan())))).to.equal(span);
      expect(await new Promise((resolve) => queueMicrotask(() => resolve(obs.currentSpan())))).to.equal(span);
      expect(await new Promise((resolve) => process.nextTick(() => resolve(obs.currentSpan())))).to.equal(
        span,
      );
    });
  });

  it('is that of its own branch in Promise.all', async () => {
    const { obs, recording } = createRecordedHost();
    await obs.trace('parent', async () => {
      const branch = (name: string, ms: number) =>
        obs.trace(name, async () => {
          await sleep(ms);
          obs.logger.info(name);
          await obs.trace(`${name} child`, () => sleep(1));
        });
      await Promise.all([branch('a', 3), branch('b', 1), branch('c', 2)]);
    });
    const parent = recording.span('parent').id;
    for (const name of ['a', 'b', 'c']) {
      const { id, parentSpanId } = recording.span(name);
      expect(parentSpanId).to.equal(parent);
      expect(recording.span(`${name} child`).parentSpanId).to.equal(id);
      expect(recording.events.logs.find(({ record }) => record.message === name)?.spanId).to.equal(id);
    }
  });

  it('is that of its own request when many run at once', async () => {
    const { obs, recording } = createRecordedHost();
    await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        obs.trace(`request ${i}`, { requestId: `${i}` }, async () => {
          await sleep(i % 5);
          obs.logger.info(`log ${i}`);
        }),
      ),
    );
    expect(recording.events.logs).to.have.length(50);
    for (const { record, traceId, correlation } of recording.events.logs) {
      const i = record.message.slice(4);
      expect(traceId).to.equal(recording.span(`request ${i}`).traceId);
      expect(correlation?.requestId).to.equal(i);
    }
  });

  it('is gone after fn, also after one that threw', async () => {
    const { obs } = createRecordedHost();
    await obs.trace('a', () => sleep(1));
    expect(obs.currentSpan()).to.equal(undefined);
    try {
      obs.trace('b', () => {
        throw new Error('x');
      });
    } catch {}
    expect(obs.currentSpan()).to.equal(undefined);
  });
});

describe('obs.bind', () => {
  it('brings the span that is current now into the handlers of an event emitter', () => {
    const { obs, recording } = createRecordedHost();
    const emitter = new EventEmitter();
    const span = obs.trace('request', (current) => {
      emitter.on(
        'bound',
        obs.bind(() => obs.logger.info('bound')),
      );
      emitter.on('loose', () => obs.logger.info('loose'));
      return current;
    });
    obs.trace('other', () => {
      emitter.emit('bound');
      emitter.emit('loose');
    });
    const [bound, loose] = recording.events.logs;
    expect(bound?.spanId).to.equal(span.id);
    expect(loose?.spanId).to.equal(recording.span('other').id);
  });

  it('brings none into a function that was bound outside of any span', () => {
    const { obs } = createRecordedHost();
    const look = obs.bind(() => obs.currentSpan());
    expect(obs.trace('request', () => ({ seen: look() }))).to.deep.equal({ seen: undefined });
  });

  it('keeps this, arguments, result, error and number of parameters', () => {
    const target = {
      base: 10,
      add: bind(function (this: { base: number }, a: number, b: number) {
        return this.base + a + b;
      }),
    };
    expect(target.add(1, 2)).to.equal(13);
    expect(target.add.length).to.equal(2);
    const fails = bind(() => {
      throw new Error('mine');
    });
    expect(fails).to.throw('mine');
  });
});

describe('the context of our own work', () => {
  it('is outside of any request and has no span, for what is awaited too', async () => {
    const { obs } = createRecordedHost();
    await obs.trace('request', async (span) => {
      await runSilenced(async () => {
        expect([isSilenced(), currentSpan()]).to.deep.equal([true, undefined]);
        await sleep(1);
        expect([isSilenced(), currentSpan()]).to.deep.equal([true, undefined]);
      });
      expect([isSilenced(), currentSpan()]).to.deep.equal([false, span]);
    });
  });
});

describe('an observability context', () => {
  it('has tracing, logger and metrics, and tracingContext as another name of tracing', () => {
    const { obs } = createRecordedHost();
    const span = obs.startSpan({ name: 'x' });
    const context = createObservabilityContext({ currentSpan: span }, obs.logger, obs.metrics);
    expect(context).to.have.all.keys('tracing', 'logger', 'metrics', 'tracingContext');
    expect(context.tracing.currentSpan).to.equal(span);
    expect(context.tracingContext).to.equal(context.tracing);
    expect(context.logger).to.equal(obs.logger);
    expect(context.metrics).to.equal(obs.metrics);
  });

  it('has the frozen no-ops, the same objects each time, where parts are missing', () => {
    const [a, b] = [createObservabilityContext(), createObservabilityContext(undefined, undefined)];
    for (const context of [a, b]) {
      expect(context.tracing).to.equal(noOpTracingContext);
      expect(context.tracingContext).to.equal(noOpTracingContext);
      expect(context.logger).to.equal(noOpLoggerContext);
      expect(context.metrics).to.equal(noOpMetricsContext);
    }
    expect(noOpTracingContext).to.deep.equal({ currentSpan: undefined });
    expect(Object.isFrozen(noOpTracingContext)).to.equal(true);
  });
});
