import { expect } from 'chai';
import { LOG_LEVELS, type LogLevel } from '../../../core/signals/logs.ts';
import { createFakeClock, FAKE_START_MS } from '../../kit/clock.ts';
import { createCountingIds } from '../../kit/ids.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';

describe('obs.logger', () => {
  it('makes an event with level, message and data', () => {
    const { obs, logs } = createRecordedHost({ clock: createFakeClock() });
    obs.logger.warn('low disk', { free: 3 });
    expect(logs).to.have.length(1);
    expect(logs[0]).to.deep.include({
      type: 'log',
      record: { level: 'warn', message: 'low disk', data: { free: 3 } },
      timestamp: new Date(FAKE_START_MS),
      timeUnixMicro: FAKE_START_MS * 1000,
      correlation: { environment: 'test', serviceName: 'test-service' },
    });
    expect(logs[0]?.id).to.match(/^[0-9a-f]{32}$/);
  });

  it('has no data and no ids where there are none', () => {
    const { obs, logs } = createRecordedHost();
    obs.logger.info('plain');
    expect(logs[0]?.record).to.deep.equal({ level: 'info', message: 'plain' });
    expect(logs[0]).not.to.have.any.keys('traceId', 'spanId', 'truncated');
  });

  for (const [index, level] of LOG_LEVELS.entries()) {
    it(`makes at level ${level} exactly the logs from ${level} on, and counts none of the others`, () => {
      const { obs, logs } = createRecordedHost({ config: { signals: { logs: { level } } } });
      for (const each of LOG_LEVELS) obs.logger[each](each);
      expect(logs.map(({ record }) => record.level)).to.deep.equal(LOG_LEVELS.slice(index));
      expect(obs.diagnostics().emitted.logs.dropped).to.deep.equal({});
    });
  }

  it('reads no clock and draws no id for a log below the level', () => {
    const [clock, ids] = [createFakeClock(), createCountingIds()];
    const { obs } = createRecordedHost({ clock, ids, config: { signals: { logs: { level: 'error' } } } });
    obs.logger.info('quiet', {
      get data() {
        throw new Error('not even read');
      },
    });
    expect([clock.reads, ids.drawn]).to.deep.equal([0, 0]);
  });

  it('carries the ids and the owner of the span it is made in, deep in awaited code', async () => {
    const { obs, logs } = createRecordedHost();
    const { logger } = obs;
    await obs.trace('work', { sessionId: 's' }, async (span) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      logger.info('inside');
      expect(logs[0]).to.include({ traceId: span.traceId, spanId: span.id });
      expect(logs[0]?.correlation).to.include({ sessionId: 's' });
    });
  });

  it('makes text of a message that is none', () => {
    const { obs, logs } = createRecordedHost();
    const { info } = obs.logger as unknown as { info: (message: unknown) => void };
    for (const message of [undefined, null, 42, { a: 1 }, new Error('as message'), Symbol('s')])
      info(message);
    const messages = logs.map(({ record }) => record.message);
    expect(messages.every((message) => typeof message === 'string')).to.equal(true);
    expect(messages.slice(0, 4)).to.deep.equal(['undefined', 'null', '42', '{"a":1}']);
    expect(messages[4]).to.include('as message');
  });

  it('keeps an error given as data', () => {
    const { obs, logs } = createRecordedHost();
    obs.logger.error('failed', new TypeError('why', { cause: 'because' }));
    expect(logs[0]?.record.data).to.include({ name: 'TypeError', message: 'why', cause: 'because' });
  });

  it('bounds what is too long and names what was cut', () => {
    const { obs, logs } = createRecordedHost({ config: { limits: { maxValueBytes: 10 } } });
    obs.logger.info('m'.repeat(50), { text: 'd'.repeat(50) });
    expect(logs[0]?.record).to.deep.equal({
      level: 'info',
      message: 'm'.repeat(10),
      data: { text: 'd'.repeat(10) },
    });
    expect(logs[0]?.truncated?.map(({ path }) => path)).to.deep.equal(['message', 'data.text']);
  });
});

describe('the logs of a trace that is not sampled', () => {
  it('are dropped and counted below error, and kept from error on, with the real trace id', () => {
    const { obs, logs } = createRecordedHost({ config: { signals: { tracing: { sample: 0 } } } });
    obs.trace('work', (span) => {
      for (const level of LOG_LEVELS) obs.logger[level](level);
      const kept: LogLevel[] = ['error', 'fatal'];
      expect(logs.map(({ record }) => record.level)).to.deep.equal(kept);
      for (const log of logs) expect(log).to.include({ traceId: span.traceId, spanId: span.id });
      expect(span.traceId).not.to.match(/^0+$/);
    });
    expect(obs.diagnostics().emitted.logs).to.deep.equal({ count: 2, dropped: { sampled: 3 } });
  });

  it('are not confused with logs outside of any trace', () => {
    const { obs, logs } = createRecordedHost({ config: { signals: { tracing: { sample: 0 } } } });
    obs.logger.info('outside');
    expect(logs).to.have.length(1);
  });
});
