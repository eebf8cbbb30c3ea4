import { expect } from 'chai';
import * as fc from 'fast-check';
import type { AnyExportedSpan } from '../../../core/index.ts';
import {
  loadEncoder,
  type OtlpEncoder,
  type OtlpLog,
  type OtlpMetric,
  type OtlpSpan,
} from '../../../plugins/otel/encoder.ts';
import {
  decodeRequest,
  encodeResponse,
  logsOf,
  type Message,
  metricsOf,
  plainAttributes,
  plainValue,
  spansOf,
} from '../../kit/otlp.ts';

const ORIGIN = { resource: { 'service.name': 'shop' }, scope: { name: 'obs-kit', version: '1.2.3' } };
const TRACE = '0af7651916cd43dd8448eb211c80319c';

function spanOf(fields: Partial<AnyExportedSpan> = {}): AnyExportedSpan {
  return {
    id: '00f067aa0ba902b7',
    traceId: TRACE,
    name: 'work',
    type: 'generic',
    isRootSpan: true,
    isEvent: false,
    seq: 2,
    status: 'ok',
    startTime: new Date(1_735_689_600_000),
    startUnixMicro: 1_735_689_600_000_123,
    endUnixMicro: 1_735_689_600_500_456,
    ...fields,
  };
}

describe('the OTLP encoder', () => {
  let protobuf: OtlpEncoder;
  let json: OtlpEncoder;
  before(async () => {
    protobuf = await loadEncoder('protobuf');
    json = await loadEncoder('json');
  });

  /** The spans as a receiver reads them; both encodings must say the same. */
  async function sent(...spans: OtlpSpan[]): Promise<Message[]> {
    const inProtobuf = decodeRequest('traces', (await protobuf.traces(spans, ORIGIN)).bytes);
    expect(decodeRequest('traces', (await json.traces(spans, ORIGIN)).bytes, true)).to.deep.equal(inProtobuf);
    return spansOf(inProtobuf);
  }
  async function sentLog(log: OtlpLog): Promise<Message> {
    const inProtobuf = decodeRequest('logs', (await protobuf.logs([log], ORIGIN)).bytes);
    const [inJson] = logsOf(decodeRequest('logs', (await json.logs([log], ORIGIN)).bytes, true));
    const [record] = logsOf(inProtobuf);
    expect(inJson).to.deep.equal(record);
    return record!;
  }

  it('writes ids, times to the microsecond, kind, links, events and the error of a span', async () => {
    const link = { traceId: TRACE, spanId: 'b7ad6b7169203331', attributes: { why: 'retry' } };
    const [span] = await sent({
      span: spanOf({
        parentSpanId: 'b7ad6b7169203331',
        status: 'error',
        errorInfo: { message: 'no such order' },
        links: [link],
        scope: { name: 'checkout', version: '2', attributes: { tier: 1 } },
      }),
      attributes: { order: 17, ratio: 0.5, ok: true, tags: ['a', 'b'] },
      name: 'chat m-1',
      kind: 'client',
      traceState: 'vendor=1',
      events: [{ name: 'exception', timeUnixMicro: 1_735_689_600_400_000, attributes: { type: 'E' } }],
    });
    expect(span).to.deep.include({
      traceId: TRACE,
      spanId: '00f067aa0ba902b7',
      parentSpanId: 'b7ad6b7169203331',
      traceState: 'vendor=1',
      name: 'chat m-1',
      kind: 3,
      startTimeUnixNano: '1735689600000123000',
      endTimeUnixNano: '1735689600500456000',
      attributes: { order: 17, ratio: 0.5, ok: true, tags: ['a', 'b'] },
      resource: { 'service.name': 'shop' },
      status: { code: 2, message: 'no such order' },
    });
    expect(span!['scope']).to.deep.include({ name: 'checkout', version: '2' });
    expect(plainAttributes(span!['scope'].attributes)).to.deep.equal({ tier: 1 });
    expect(span!['events']).to.have.lengthOf(1);
    expect(span!['events'][0]).to.include({ name: 'exception', timeUnixNano: '1735689600400000000' });
    expect(span!['links'][0]).to.include({ traceId: TRACE, spanId: 'b7ad6b7169203331' });
  });

  it('leaves a span that went well without a status, and one without a scope to the scope of the request', async () => {
    const [span] = await sent({ span: spanOf(), attributes: {} });
    expect(span!['status']).to.deep.equal({ code: 0 });
    expect(span!['scope']).to.deep.equal({ name: 'obs-kit', version: '1.2.3' });
    expect(span).to.deep.include({ kind: 1, name: 'work', attributes: {} });
  });

  it('groups spans by resource and scope', async () => {
    const other = { 'service.name': 'other' };
    const spans = [undefined, other, undefined, other].map((resource) => ({
      span: spanOf(),
      attributes: {},
      ...(resource && { resource }),
    }));
    const request = decodeRequest('traces', (await protobuf.traces(spans, ORIGIN)).bytes);
    expect(request['resourceSpans']).to.have.lengthOf(2);
    expect(spansOf(request)).to.have.lengthOf(4);
  });

  it('gives every value a form that is never empty', async () => {
    const cyclic: Record<string, unknown> = { name: 'loop' };
    cyclic['self'] = cyclic;
    const attributes = {
      nothing: undefined,
      none: null,
      run: () => 1,
      huge: 2 ** 60,
      large: 123456789012345678901234567890n,
      small: 5n,
      nan: Number.NaN,
      infinite: -Infinity,
      date: new Date(0),
      noDate: new Date(Number.NaN),
      map: new Map([['k', 1]]),
      set: new Set(['s']),
      lone: 'a\ud800b',
      holes: [1, null, undefined, 'x'],
      nested: { a: { b: [null] }, gone: null },
      error: new TypeError('bad'),
      cyclic,
      get boom() {
        throw new Error('no');
      },
    };
    const [span] = await sent({ span: spanOf(), attributes });
    const { cyclic: loop, ...rest } = span!['attributes'];
    expect(rest).to.deep.equal({
      huge: '1152921504606847000',
      large: '123456789012345678901234567890',
      small: 5,
      nan: 'NaN',
      infinite: '-Infinity',
      date: '1970-01-01T00:00:00.000Z',
      map: { k: 1 },
      set: ['s'],
      lone: 'a\ufffdb',
      holes: [1, 'null', 'undefined', 'x'],
      nested: { a: { b: ['null'] } },
      error: 'TypeError: bad',
      boom: '[unreadable]',
    });
    expect(JSON.stringify(loop)).to.include('[too deep]');
  });

  it('keeps __proto__ from changing anything', async () => {
    const attributes = JSON.parse('{"__proto__":{"admin":true},"x":null}');
    const [span] = await sent({ span: spanOf(), attributes });
    expect(span!['attributes']).to.not.have.any.keys('admin', 'x');
  });

  it('rejects the span that cannot be written, and no other', async () => {
    const good = { span: spanOf(), attributes: {} };
    const timeless = { span: spanOf({ startUnixMicro: Number.NaN }), attributes: {} };
    const broken = { span: spanOf({ links: 'none' as never }), attributes: {} };
    for (const encoder of [protobuf, json]) {
      const { bytes, rejected } = await encoder.traces([good, timeless, good, broken], ORIGIN);
      expect(spansOf(decodeRequest('traces', bytes, encoder === json))).to.have.lengthOf(2);
      expect(rejected.map(({ index }) => index)).to.deep.equal([1, 3]);
      expect(rejected[0]!.reason).to.equal('it has no valid time');
    }
  });

  it('finds the one that the serializer chokes on by trying each', async () => {
    const poison = { toString: () => 'x' };
    const trap = new Proxy(new Uint8Array(2), {
      get: (target, key) => (key === 'length' ? raise() : Reflect.get(target, key)),
    });
    const spans = [
      { span: spanOf(), attributes: {} },
      { span: spanOf({ name: poison as never }), attributes: { trap } },
    ];
    const { bytes, rejected } = await protobuf.traces(spans, ORIGIN);
    expect(spansOf(decodeRequest('traces', bytes))).to.have.lengthOf(1);
    expect(rejected).to.deep.equal([{ index: 1, reason: 'trapped' }]);
  });

  it('replaces ids that OTLP cannot carry by the same ones each time, and says what they were', async () => {
    const foreign = { span: spanOf({ traceId: 't-1', id: 'Ü', parentSpanId: 'root' }), attributes: {} };
    const [one, again] = await sent(foreign, foreign);
    expect(one).to.deep.equal(again);
    expect(one!['traceId']).to.match(/^[0-9a-f]{32}$/);
    expect(one!['parentSpanId']).to.match(/^[0-9a-f]{16}$/);
    expect(one!['attributes']).to.deep.equal({ 'obs.trace.id': 't-1', 'obs.span.id': 'Ü' });
  });

  it('writes log records with severity, event name and the span they belong to', async () => {
    const log = await sentLog({
      timeUnixMicro: 1_735_689_600_000_123,
      severityNumber: 13,
      severityText: 'WARN',
      body: { order: 17, missing: null },
      attributes: { a: 1 },
      eventName: 'gen_ai.evaluation.result',
      traceId: TRACE,
      spanId: '00f067aa0ba902b7',
    });
    expect(log).to.deep.include({
      timeUnixNano: '1735689600000123000',
      observedTimeUnixNano: '1735689600000123000',
      severityNumber: 13,
      severityText: 'WARN',
      eventName: 'gen_ai.evaluation.result',
      traceId: TRACE,
      spanId: '00f067aa0ba902b7',
      attributes: { a: 1 },
    });
    expect(plainValue(log['body'])).to.deep.equal({ order: 17 });
    const bare = await sentLog({ timeUnixMicro: 1, attributes: {}, body: '' });
    expect(bare['body']).to.deep.equal({ stringValue: '' });
    expect(bare).to.not.have.any.keys('traceId', 'eventName', 'severityText');
  });

  it('writes sums, gauges and histograms of several resources in one request', async () => {
    const point = { attributes: { model: 'm-1' }, startUnixMicro: 1e15, endUnixMicro: 1e15 + 1 };
    const distribution = { count: 3, sum: 6.5, min: 0.5, max: 4, bounds: [1, 2], counts: [1, 1, 1] };
    const metrics: OtlpMetric[] = [
      { name: 'n', unit: '{n}', kind: 'sum', temporality: 'delta', points: [{ ...point, value: 3 }] },
      { name: 'g', kind: 'gauge', temporality: 'delta', points: [{ ...point, value: -1.5 }] },
      {
        name: 'h',
        kind: 'histogram',
        temporality: 'cumulative',
        points: [{ ...point, value: distribution }],
        resource: { 'service.name': 'other' },
      },
    ];
    const inProtobuf = decodeRequest('metrics', (await protobuf.metrics(metrics, ORIGIN)).bytes);
    const [sum, gauge, histogram] = metricsOf(inProtobuf);
    expect(sum!['sum']).to.include({ aggregationTemporality: 1, isMonotonic: true });
    expect(sum!['sum'].dataPoints[0]).to.deep.include({
      asDouble: 3,
      startTimeUnixNano: '1000000000000000000',
      timeUnixNano: '1000000000000001000',
    });
    expect(gauge!['gauge'].dataPoints[0].asDouble).to.equal(-1.5);
    expect(histogram!['histogram'].aggregationTemporality).to.equal(2);
    expect(histogram!['histogram'].dataPoints[0]).to.deep.include({
      count: '3',
      sum: 6.5,
      min: 0.5,
      max: 4,
      explicitBounds: [1, 2],
      bucketCounts: ['1', '1', '1'],
    });
    expect(histogram!['resource']).to.deep.equal({ 'service.name': 'other' });
    const inJson = metricsOf(decodeRequest('metrics', (await json.metrics(metrics, ORIGIN)).bytes, true));
    expect(inJson.map(({ name, resource }) => [name, resource])).to.deep.equal(
      metricsOf(inProtobuf).map(({ name, resource }) => [name, resource]),
    );
    expect(inJson[2]!['histogram']).to.deep.equal(histogram!['histogram']);
  });

  it('makes nothing of no records: an empty but valid request', async () => {
    expect((await protobuf.traces([], ORIGIN)).bytes).to.have.lengthOf(0);
    expect(Buffer.from((await json.traces([], ORIGIN)).bytes).toString()).to.equal('{"resourceSpans":[]}');
    expect((await protobuf.metrics([], ORIGIN)).bytes).to.have.lengthOf(0);
    expect(JSON.parse(Buffer.from((await json.metrics([], ORIGIN)).bytes).toString())).to.deep.equal({
      resourceMetrics: [],
    });
  });

  it('reads partial success in the encoding of the answer', async () => {
    const body = encodeResponse('traces', {
      partialSuccess: { rejectedSpans: 2, errorMessage: 'too old' },
    });
    const expected = { rejected: 2, message: 'too old' };
    expect(protobuf.partialSuccess('traces', { body })).to.deep.equal(expected);
    const text = Buffer.from('{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"too old"}}');
    expect(protobuf.partialSuccess('logs', { body: text, contentType: 'application/json' })).to.deep.equal(
      expected,
    );
    expect(json.partialSuccess('logs', { body: text })).to.deep.equal(expected);
    const points = encodeResponse('metrics', { partialSuccess: { rejectedDataPoints: 1 } });
    expect(
      json.partialSuccess('metrics', { body: points, contentType: 'application/x-protobuf' }),
    ).to.deep.equal({ rejected: 1, message: '' });
    for (const nothing of ['', '{}', 'garbage \u0000\u0001', '{"partialSuccess":{}}']) {
      expect(protobuf.partialSuccess('traces', { body: Buffer.from(nothing) }), nothing).to.equal(undefined);
    }
  });

  it('writes many records part by part into one request, in their order, and names those that it cannot', async () => {
    const spans = Array.from({ length: 200 }, (_, n) => ({
      span: spanOf({ name: `s${n}` }),
      attributes: { n },
    }));
    const names = (await sent(...spans)).map((span) => span['name']);
    expect(names).to.deep.equal(spans.map(({ span }) => span.name));
    const broken = { span: spanOf({ startUnixMicro: Number.NaN }), attributes: {} };
    for (const encoder of [protobuf, json]) {
      const { rejected } = await encoder.traces([...spans, broken, ...spans, broken], ORIGIN);
      expect(rejected.map(({ index }) => index)).to.deep.equal([200, 401]);
    }
    const metrics = Array.from({ length: 130 }, (_, n): OtlpMetric => {
      const point = { attributes: {}, startUnixMicro: 1e15, endUnixMicro: 1e15 + 1, value: n };
      return { name: `m${n}`, kind: 'sum', temporality: 'delta', points: [point] };
    });
    const inJson = metricsOf(decodeRequest('metrics', (await json.metrics(metrics, ORIGIN)).bytes, true));
    expect(inJson.map((metric) => metric['name'])).to.deep.equal(metrics.map(({ name }) => name));
  });

  it('writes long texts as the serializer does by itself', async () => {
    const texts = fc.string({ unit: 'binary', minLength: 0, maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 0, max: 3 }), async (text, times) => {
        const long = text.repeat(1 + times * 50);
        const [span] = await sent({ span: spanOf({ name: long }), attributes: { long, [`k${text}`]: 1 } });
        expect(span!['name']).to.equal(Buffer.from(long).toString());
        expect(span!['attributes']['long']).to.equal(span!['name']);
      }),
    );
    const body = 'é'.repeat(20_000);
    const { bytes } = await protobuf.logs([{ timeUnixMicro: 1, attributes: {}, body }], ORIGIN);
    expect(bytes.length).to.be.within(40_000, 40_200);
    expect(plainValue(logsOf(decodeRequest('logs', bytes))[0]!['body'])).to.equal(body);
  });

  const id = (digits: number) =>
    fc
      .array(fc.integer({ min: 0, max: 15 }), { minLength: digits, maxLength: digits })
      .map((all) => all.map((one) => one.toString(16)).join(''))
      .filter((text) => /[^0]/.test(text));
  const record = fc.record({
    id: id(16),
    traceId: id(32),
    parentSpanId: fc.option(id(16), { nil: undefined }),
    name: fc.string({ unit: 'grapheme' }),
    startUnixMicro: fc.integer({ min: 0, max: 4_102_444_800_000_000 }),
    micros: fc.integer({ min: 0, max: 1e9 }),
    attributes: fc.dictionary(fc.string(), fc.anything({ withBigInt: true, withDate: true, withMap: true })),
  });

  it('brings back ids, times, names and values of any spans, and never an empty value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 8 }), async (records) => {
        const spans = records.map(({ micros, attributes, parentSpanId, ...fields }) => ({
          span: spanOf({
            ...fields,
            endUnixMicro: fields.startUnixMicro + micros,
            ...(parentSpanId && { parentSpanId }),
          }),
          attributes,
        }));
        const back = await sent(...spans);
        expect(back).to.have.lengthOf(spans.length);
        back.forEach((message, index) => {
          const { span, attributes } = spans[index]!;
          expect(message).to.deep.include({
            traceId: span.traceId,
            spanId: span.id,
            name: span.name,
            startTimeUnixNano: `${BigInt(span.startUnixMicro) * 1000n}`,
            endTimeUnixNano: `${BigInt(span.endUnixMicro!) * 1000n}`,
          });
          for (const [key, value] of Object.entries(attributes)) {
            if (typeof value === 'boolean') expect(message['attributes'][key]).to.equal(value);
            if (Number.isSafeInteger(value))
              expect(message['attributes'][key]).to.equal((value as number) + 0);
            if (typeof value === 'string')
              expect(message['attributes'][key]).to.equal(Buffer.from(value).toString());
          }
        });
      }),
      { numRuns: 200 },
    );
  });

  it('takes `__proto__` for a key like any other, also beside a value that has to be rewritten', async () => {
    const attributes = JSON.parse('{ "__proto__": false, "inner": { "__proto__": 1 } }');
    const [back] = await sent({ span: spanOf({}), attributes: { ...attributes, at: new Date(0) } });
    expect(Object.entries(back!['attributes'])).to.deep.include(['__proto__', false]);
    expect(Object.entries(back!['attributes'].inner)).to.deep.equal([['__proto__', 1]]);
  });
});

function raise(): never {
  throw new Error('trapped');
}
