import { expect } from 'chai';
import { importOtlp } from '../../../cli/import/otlp.ts';
import type { ExportedSpan, LogEvent, MetricEvent } from '../../../core/index.ts';
import { newestSpans } from './newest.ts';

const TRACE = '5B8EFFF798038103D269B633813FC60C';
const SPAN = 'EEE19B7EC3C1B174';
const START = '1544712660000000000';

const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const span = (fields: object = {}) => ({
  traceId: TRACE,
  spanId: SPAN,
  name: 'work',
  startTimeUnixNano: START,
  endTimeUnixNano: '1544712661000000999',
  ...fields,
});
const spansFile = (spans: unknown[], attributes = [attribute('service.name', 'shop')]) => ({
  resourceSpans: [
    { resource: { attributes }, scopeSpans: [{ scope: { name: 'lib', version: '1' }, spans }] },
  ],
});
const logsFile = (logRecords: unknown[]) => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
const metricsFile = (metrics: unknown[]) => ({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });

function importing(file: unknown) {
  return importOtlp(typeof file === 'string' ? file : JSON.stringify(file));
}
function spansOf(...spans: unknown[]): ExportedSpan[] {
  const { events, problems } = importing(spansFile(spans));
  expect(problems).to.deep.equal([]);
  return newestSpans(events);
}
const logsOf = (...records: unknown[]) => importing(logsFile(records)).events as LogEvent[];
const metricsOf = (...metrics: unknown[]) => importing(metricsFile(metrics)).events as MetricEvent[];

describe('importing OTLP traces', () => {
  it('gives lower-case ids, microseconds, service, scope and kind', () => {
    const [one] = spansOf(span({ kind: 2, attributes: [attribute('a', 'b')] }));
    expect(one).to.deep.include({
      id: 'eee19b7ec3c1b174',
      traceId: '5b8efff798038103d269b633813fc60c',
      name: 'work',
      type: 'generic',
      status: 'ok',
      isRootSpan: true,
      startUnixMicro: 1_544_712_660_000_000,
      endUnixMicro: 1_544_712_661_000_000,
      serviceName: 'shop',
      source: 'otlp',
      scope: { name: 'lib', version: '1' },
      attributes: { a: 'b' },
      metadata: { otel: { kind: 'server' } },
    });
    expect(one!.startTime.toISOString()).to.equal('2018-12-13T14:51:00.000Z');
  });

  it('calls a span without a name unknown, as OTLP has it', () => {
    expect(spansOf(span({ name: '' }))[0]!.name).to.equal('unknown');
  });

  it('decodes every kind of attribute value, and keeps integers that JavaScript cannot hold as text', () => {
    const values = {
      integer: { intValue: '42' },
      huge: { intValue: '9007199254740993' },
      double: { doubleValue: 1.5 },
      yes: { boolValue: true },
      bytes: { bytesValue: 'AAEC' },
      empty: {},
      list: { arrayValue: { values: [{ stringValue: 'x' }, { intValue: 1 }] } },
      map: { kvlistValue: { values: [{ key: 'k', value: { arrayValue: {} } }] } },
      __proto__x: { stringValue: 'kept' },
    };
    const [one] = spansOf(
      span({ attributes: Object.entries(values).map(([key, value]) => ({ key, value })) }),
    );
    expect(one!.attributes).to.deep.equal({
      integer: 42,
      huge: '9007199254740993',
      double: 1.5,
      yes: true,
      bytes: 'AAEC',
      empty: null,
      list: ['x', 1],
      map: { k: [] },
      __proto__x: 'kept',
    });
  });

  it('tells of a span as at run time: its start, then its end with all that is known', () => {
    const { events } = importing(spansFile([span()]));
    const told = events.map((event) => {
      const { exportedSpan } = event as { exportedSpan: ExportedSpan };
      return [event.type, exportedSpan.seq, exportedSpan.status, exportedSpan.endUnixMicro];
    });
    expect(told).to.deep.equal([
      ['span.started', 1, 'running', undefined],
      ['span.ended', 2, 'ok', 1_544_712_661_000_000],
    ]);
  });

  it('knows a span without end as running, and a later file with the end as newer', () => {
    const [running] = spansOf(span({ endTimeUnixNano: '0' }));
    const [ended] = spansOf(span());
    expect(running).to.include({ status: 'running', seq: 1 }).and.not.have.property('endTime');
    expect(ended!.seq).to.be.above(running!.seq);
  });

  it('knows the entry of a trace: a span without parent, or with one that the file does not hold', () => {
    const spans = spansOf(
      span({ spanId: 'aaaaaaaaaaaaaaaa', parentSpanId: SPAN }),
      span({ parentSpanId: 'BBBBBBBBBBBBBBBB' }),
    );
    expect(spans.map(({ isRootSpan }) => isRootSpan)).to.deep.equal([false, true]);
    expect(spans.map(({ parentSpanId }) => parentSpanId)).to.deep.equal([
      'eee19b7ec3c1b174',
      'bbbbbbbbbbbbbbbb',
    ]);
  });

  it('turns a failed status and its exception into error info', () => {
    const exception = {
      name: 'exception',
      timeUnixNano: START,
      attributes: [
        attribute('exception.type', 'TimeoutError'),
        attribute('exception.message', 'too slow'),
        attribute('exception.stacktrace', 'at x'),
      ],
    };
    const [failed, point] = spansOf(span({ status: { code: 2 }, events: [exception] }));
    expect(failed).to.deep.include({
      status: 'error',
      errorInfo: { message: 'too slow', name: 'TimeoutError', stack: 'at x' },
    });
    expect(point).to.include({ name: 'exception', status: 'ok' });
    const [named] = spansOf(span({ status: { code: 'STATUS_CODE_ERROR', message: 'said so' } }));
    expect(named!.errorInfo).to.deep.equal({ message: 'said so' });
    const [handled] = spansOf(span({ events: [exception] }));
    expect(handled).to.include({ status: 'ok' }).and.not.have.property('errorInfo');
  });

  it('turns span events into points in time below the span, equal ones apart, with ids that stay', () => {
    const event = { name: 'retry', timeUnixNano: '1544712660500000000', attributes: [attribute('n', '1')] };
    const points = spansOf(span({ events: [event, event] })).slice(1);
    const again = spansOf(span({ events: [event, event] })).slice(1);
    expect(points[0]).to.deep.include({
      name: 'retry',
      parentSpanId: 'eee19b7ec3c1b174',
      isEvent: true,
      startUnixMicro: 1_544_712_660_500_000,
      endUnixMicro: 1_544_712_660_500_000,
      attributes: { n: '1' },
    });
    expect(points[0]!.id).to.match(/^[0-9a-f]{16}$/);
    expect(new Set(points.map(({ id }) => id)).size).to.equal(2);
    expect(again).to.deep.equal(points);
  });

  it('keeps links and the rest of the resource', () => {
    const file = spansFile(
      [span({ links: [{ traceId: TRACE, spanId: SPAN, attributes: [attribute('why', 'batch')] }] })],
      [attribute('deployment.environment.name', 'prod'), attribute('host.name', 'h1')],
    );
    const [one] = newestSpans(importing(file).events);
    expect(one).to.deep.include({
      environment: 'prod',
      links: [{ traceId: TRACE.toLowerCase(), spanId: SPAN.toLowerCase(), attributes: { why: 'batch' } }],
      metadata: { otel: { resource: { 'host.name': 'h1' } } },
    });
  });

  it('explains GenAI attributes, and leaves what it does not know', () => {
    const attributes = [
      attribute('gen_ai.operation.name', 'chat'),
      attribute('gen_ai.provider.name', 'openai'),
      attribute('gen_ai.system', 'az.ai'),
      attribute('gen_ai.request.model', 'm-1'),
      attribute('gen_ai.response.model', 'm-1-0613'),
      { key: 'gen_ai.request.temperature', value: { doubleValue: 0.5 } },
      { key: 'gen_ai.usage.input_tokens', value: { intValue: '100' } },
      { key: 'gen_ai.usage.cache_read.input_tokens', value: { intValue: '30' } },
      { key: 'gen_ai.usage.output_tokens', value: { intValue: '20' } },
      {
        key: 'gen_ai.response.finish_reasons',
        value: { arrayValue: { values: [{ stringValue: 'stop' }] } },
      },
      attribute('gen_ai.input.messages', '[{"role":"user"}]'),
      attribute('gen_ai.conversation.id', 'thread-1'),
      attribute('gen_ai.unheard.of', 'kept'),
    ];
    const [one] = spansOf(span({ attributes }));
    expect(one).to.deep.include({
      type: 'model_generation',
      input: [{ role: 'user' }],
      threadId: 'thread-1',
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.system': 'az.ai',
        'gen_ai.unheard.of': 'kept',
        provider: 'openai',
        model: 'm-1',
        responseModel: 'm-1-0613',
        parameters: { temperature: 0.5 },
        usage: { inputTokens: 100, outputTokens: 20, inputDetails: { cacheRead: 30, text: 70 } },
        finishReason: 'stop',
      },
    });
  });

  it('explains OpenInference and Vercel AI attributes', () => {
    const [tool, model] = spansOf(
      span({ attributes: [attribute('openinference.span.kind', 'TOOL'), attribute('tool.name', 'search')] }),
      span({
        spanId: 'aaaaaaaaaaaaaaaa',
        attributes: [
          attribute('ai.operationId', 'ai.generateText.doGenerate'),
          attribute('ai.model.id', 'm-2'),
          attribute('ai.usage.promptTokens', '7'),
          attribute('ai.response.text', 'hi'),
        ],
      }),
    );
    expect(tool).to.include({ type: 'tool_call', entityType: 'tool', entityName: 'search' });
    expect(model).to.deep.include({ type: 'model_generation', output: 'hi' });
    expect(model!.attributes).to.deep.include({ model: 'm-2', usage: { inputTokens: 7 } });
  });
});

describe('importing OTLP logs', () => {
  it('keeps a text body as message, any other as data, and the severity by its number', () => {
    const [text, structured] = logsOf(
      {
        timeUnixNano: START,
        severityNumber: 17,
        traceId: TRACE,
        spanId: SPAN,
        body: { stringValue: 'broken' },
      },
      {
        observedTimeUnixNano: START,
        severityText: 'WARN',
        eventName: 'page.view',
        body: { kvlistValue: { values: [attribute('url', 'x')] } },
        attributes: [attribute('a', 'b')],
      },
    );
    expect(text).to.deep.include({
      record: { level: 'error', message: 'broken', data: { otel: { severityNumber: 17 } } },
      traceId: TRACE.toLowerCase(),
      spanId: SPAN.toLowerCase(),
      timeUnixMicro: 1_544_712_660_000_000,
    });
    expect(structured!.record).to.deep.equal({
      level: 'warn',
      message: 'page.view',
      data: {
        body: { url: 'x' },
        attributes: { a: 'b' },
        otel: { eventName: 'page.view', severityText: 'WARN', observedTimeUnixNano: START },
      },
    });
    expect(structured).to.not.have.any.keys('traceId', 'spanId');
  });

  it('gives equal lines ids of their own, and the same ids wherever they stand', () => {
    const line = (message: string) => ({ timeUnixNano: START, body: { stringValue: message } });
    const ids = (...messages: string[]) => logsOf(...messages.map(line)).map(({ id }) => id);
    const [first, second, other] = ids('a', 'a', 'b');
    expect(new Set([first, second, other]).size).to.equal(3);
    expect(first).to.match(/^[0-9a-f]{32}$/);
    expect(ids('b', 'a', 'a')).to.deep.equal([other, first, second]);
  });
});

describe('importing OTLP metrics', () => {
  const point = { timeUnixNano: START, attributes: [attribute('k', 'v')] };
  const sum = (fields: object) => ({
    name: 'n',
    unit: 's',
    sum: { dataPoints: [{ ...point, asInt: '5' }], ...fields },
  });

  it('counts only a monotonic delta as a counter; a running total is a level', () => {
    const types = metricsOf(
      sum({ isMonotonic: true, aggregationTemporality: 1 }),
      sum({ isMonotonic: true, aggregationTemporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE' }),
      sum({ isMonotonic: false, aggregationTemporality: 1 }),
      { name: 'g', gauge: { dataPoints: [{ ...point, asDouble: -1.5 }] } },
    ).map(({ metricType, value }) => [metricType, value]);
    expect(types).to.deep.equal([
      ['counter', 5],
      ['gauge', 5],
      ['gauge', 5],
      ['gauge', -1.5],
    ]);
  });

  it('keeps the whole distribution of a histogram beside its sum', () => {
    const distribution = {
      count: '2',
      sum: 3,
      min: 1,
      max: 2,
      bucketCounts: ['1', '1'],
      explicitBounds: [1],
    };
    const [event] = metricsOf({
      name: 'h',
      histogram: { aggregationTemporality: 2, dataPoints: [{ ...point, ...distribution }] },
    });
    expect(event).to.deep.include({ metricType: 'histogram', value: 3, labels: { k: 'v' } });
    expect(event!.metadata).to.deep.equal({
      otel: { kind: 'histogram', temporality: 'cumulative', ...distribution },
    });
  });
});

describe('bad OTLP files', () => {
  it('loses only the records that are bad, each reported with its place', () => {
    const { events, problems } = importing(
      spansFile([
        span({ spanId: 'xyz' }),
        span(),
        span({ spanId: undefined }),
        span({ startTimeUnixNano: 'yesterday' }),
        'not a span',
        span({ parentSpanId: '12' }),
        span({ events: [{ name: 'e', timeUnixNano: 'never' }] }),
      ]),
    );
    expect(newestSpans(events)).to.have.length(1);
    const at = '/resourceSpans/0/scopeSpans/0/spans';
    expect(problems).to.deep.equal(
      [
        [`${at}/0/spanId`, '16 hex characters were expected, got "xyz"'],
        [`${at}/2/spanId`, 'the id is missing'],
        [`${at}/3/startTimeUnixNano`, 'nanoseconds since the epoch were expected, got "yesterday"'],
        [`${at}/4`, 'an object was expected'],
        [`${at}/5/parentSpanId`, '16 hex characters were expected, got "12"'],
        [`${at}/6/events/0/timeUnixNano`, 'nanoseconds since the epoch were expected, got "never"'],
      ].map(([position, message]) => ({ code: 'OBS_IMPORT_RECORD', position, message })),
    );
  });

  it('keeps the good lines of a truncated JSON lines file, and the complete records of the last one', () => {
    const good = JSON.stringify(spansFile([span()]));
    const last = JSON.stringify(
      spansFile([span({ spanId: 'aaaaaaaaaaaaaaaa' }), span({ spanId: 'bbbbbbbbbbbbbbbb' })]),
    );
    const { events, problems } = importing(`${good}\n${last.slice(0, -60)}`);
    expect(newestSpans(events).map(({ id }) => id)).to.deep.equal([SPAN.toLowerCase(), 'aaaaaaaaaaaaaaaa']);
    expect(problems).to.have.length(1);
    expect(problems[0]!.code).to.equal('OBS_IMPORT_FORMAT');
    expect(problems[0]!.position).to.match(/^line 2, column \d+$/);
  });

  it('names the line of a bad record in a file of JSON lines', () => {
    const bad = JSON.stringify(logsFile([{ body: { stringValue: 'no time' } }]));
    const { problems } = importing(`${JSON.stringify(logsFile([]))}\n${bad}`);
    expect(problems).to.deep.equal([
      {
        code: 'OBS_IMPORT_RECORD',
        position: 'line 2 /resourceLogs/0/scopeLogs/0/logRecords/0/observedTimeUnixNano',
        message: 'the time is missing',
      },
    ]);
  });

  it('refuses values that are no numbers and records nested beyond all measure', () => {
    let deep: object = { stringValue: 'x' };
    for (let level = 0; level < 300; level++) deep = { arrayValue: { values: [deep] } };
    const { events, problems } = importing({
      ...metricsFile([
        { name: 'm', gauge: { dataPoints: [{ timeUnixNano: START, asDouble: 'NaN' }] } },
        { name: 'x' },
      ]),
      ...spansFile([span({ attributes: [{ key: 'deep', value: deep }] })]),
    });
    expect(events).to.deep.equal([]);
    expect(problems.map(({ message }) => message)).to.deep.equal([
      'nested deeper than 200 levels',
      'a number was expected, got "NaN"',
      'one of sum, gauge, histogram, exponentialHistogram, summary was expected',
    ]);
  });

  it('says so when a file is something else', () => {
    for (const text of ['{"trace": {}}', '[]', '17']) {
      expect(importing(text)).to.deep.equal({
        events: [],
        problems: [
          {
            code: 'OBS_IMPORT_FORMAT',
            position: 'line 1, column 1',
            message: 'an object with resourceSpans, resourceLogs, resourceMetrics was expected',
          },
        ],
      });
    }
    expect(importing('').problems).to.have.length(1);
  });
});
