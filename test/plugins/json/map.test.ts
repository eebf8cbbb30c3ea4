import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { toLine } from '../../../plugins/json/map.ts';
import { dateText, rfc3339 } from '../../../plugins/json/time.ts';
import { feedbackEvent, logEvent, metricEvent, scoreEvent, spanEvent } from './events.ts';

const GOLDEN = {
  tracing:
    '{"time":"2026-01-02T03:04:05.691246Z","signal":"tracing","type":"span.ended","exportedSpan":' +
    '{"id":"0123456789abcdef","traceId":"019b7cbe5aee00112233445566778899","parentSpanId":"fedcba9876543210",' +
    '"name":"lookup order","type":"tool_call","isRootSpan":false,"isEvent":false,"seq":3,"status":"error",' +
    '"startTime":"2026-01-02T03:04:05.678Z","endTime":"2026-01-02T03:04:05.691Z",' +
    '"startUnixMicro":1767323045678901,"endUnixMicro":1767323045691246,' +
    '"entityType":"tool","userId":"u-1","serviceName":"support-bot",' +
    '"input":{"order":17},"output":"not found","attributes":{"toolCallId":"call_1","success":false},' +
    '"metadata":{"attempt":1},"tags":["beta"],' +
    '"errorInfo":{"message":"no such order","name":"NotFound","code":"E404"}}}',
  metrics:
    '{"time":"2026-01-02T03:04:05.678901Z","signal":"metrics","type":"metric",' +
    '"id":"00000000000000000000000000000001","traceId":"019b7cbe5aee00112233445566778899",' +
    '"spanId":"0123456789abcdef","name":"tokens","metricType":"counter","value":512,"labels":{"model":"m-1"},' +
    '"unit":"{token}","timestamp":"2026-01-02T03:04:05.678Z","timeUnixMicro":1767323045678901,' +
    '"correlation":{"serviceName":"support-bot"}}',
  logs:
    '{"time":"2026-01-02T03:04:05.678901Z","signal":"logs","type":"log",' +
    '"id":"00000000000000000000000000000002","traceId":"019b7cbe5aee00112233445566778899",' +
    '"spanId":"0123456789abcdef","record":{"level":"warn","message":"order not found","data":{"order":17}},' +
    '"timestamp":"2026-01-02T03:04:05.678Z","timeUnixMicro":1767323045678901}',
  scores:
    '{"time":"2026-01-02T03:04:05.678901Z","signal":"scores","type":"score",' +
    '"id":"00000000000000000000000000000003","traceId":"019b7cbe5aee00112233445566778899",' +
    '"score":{"scorerId":"relevance","score":0.25,"label":"poor","reason":"off topic"},' +
    '"timestamp":"2026-01-02T03:04:05.678Z","timeUnixMicro":1767323045678901}',
  feedback:
    '{"time":"2026-01-02T03:04:05.678901Z","signal":"feedback","type":"feedback",' +
    '"id":"00000000000000000000000000000004","traceId":"019b7cbe5aee00112233445566778899",' +
    '"feedback":{"feedbackType":"thumbs","value":-1,"comment":"wrong order","userId":"u-1"},' +
    '"timestamp":"2026-01-02T03:04:05.678Z","timeUnixMicro":1767323045678901}',
};

const EVENTS = {
  tracing: spanEvent,
  metrics: metricEvent,
  logs: logEvent,
  scores: scoreEvent,
  feedback: feedbackEvent,
};

describe('a line of json', () => {
  for (const signal of ['tracing', 'metrics', 'logs', 'scores', 'feedback'] as const) {
    it(`has the documented fields in the documented order for ${signal}`, () => {
      expect(JSON.stringify(toLine(EVENTS[signal]()))).to.equal(GOLDEN[signal]);
    });
  }

  it('looks like the examples of the README', () => {
    const readme = readFileSync(new URL('../../../plugins/json/README.md', import.meta.url), 'utf8');
    for (const line of Object.values(GOLDEN)) expect(readme).to.include(`\n${line}\n`);
  });

  it('has its fields in the same order whatever the order in the event', () => {
    const { type, exportedSpan } = spanEvent();
    const reversed = Object.fromEntries(Object.entries(exportedSpan).reverse());
    expect(JSON.stringify(toLine({ exportedSpan: reversed, type } as never))).to.equal(GOLDEN.tracing);
    const log = Object.fromEntries(Object.entries(logEvent()).reverse());
    expect(JSON.stringify(toLine(log as never))).to.equal(GOLDEN.logs);
  });

  it('gives back the event as it was emitted', () => {
    for (const make of Object.values(EVENTS)) {
      const { time, signal, ...event } = JSON.parse(JSON.stringify(toLine(make())));
      expect(event).to.deep.equal(JSON.parse(JSON.stringify(make())));
      expect(time).to.match(/^2026-01-02T03:04:05\.\d{6}Z$/);
      expect(EVENTS).to.have.property(signal);
    }
  });

  it('keeps fields that others added, behind the known ones', () => {
    const line = toLine({ ...logEvent(), constructor: 'added', region: 'eu' } as never);
    expect(Object.entries(line).slice(-2)).to.deep.equal([
      ['constructor', 'added'],
      ['region', 'eu'],
    ]);
    const event = spanEvent();
    const span = toLine({ ...event, exportedSpan: { region: 'eu', ...event.exportedSpan } } as never);
    expect(Object.keys(span['exportedSpan'] as object).at(-1)).to.equal('region');
  });

  it('carries the error of a span.error beside the span', () => {
    const line = toLine({ ...spanEvent(), type: 'span.error', error: { message: 'no such order' } });
    expect(Object.keys(line)).to.deep.equal(['time', 'signal', 'type', 'exportedSpan', 'error']);
    expect(line['error']).to.deep.equal({ message: 'no such order' });
  });

  it('has the start of a span as its time until the span has ended', () => {
    const { exportedSpan } = spanEvent();
    const { endUnixMicro: _end, endTime: _endTime, ...running } = exportedSpan;
    expect(toLine({ type: 'span.started', exportedSpan: running }).time).to.equal(
      '2026-01-02T03:04:05.678901Z',
    );
  });

  it('has microseconds in its time, before 1970 too', () => {
    expect(rfc3339(0)).to.equal('1970-01-01T00:00:00.000000Z');
    expect(rfc3339(1_000_007)).to.equal('1970-01-01T00:00:01.000007Z');
    expect(rfc3339(-1)).to.equal('1969-12-31T23:59:59.999999Z');
    expect(() => rfc3339(Number.NaN)).to.throw(RangeError);
  });

  it('has dates as JSON has them, whatever year it is', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: false }), (date) => {
        expect(dateText(date)).to.equal(date.toJSON());
      }),
    );
    const year10000 = new Date(253_402_300_800_000);
    for (const date of [new Date(-1), new Date(999), year10000, new Date(Number.NaN)])
      expect(dateText(date)).to.equal(date.toJSON());
  });
});
