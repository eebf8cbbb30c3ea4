import { expect } from 'chai';
import * as fc from 'fast-check';
import type { MetricEvent } from '../../../core/index.ts';
import type { OtlpHistogram, OtlpMetric } from '../../../plugins/otel/encoder.ts';
import { Aggregation, type AggregationOptions } from '../../../plugins/otel/map/aggregate.ts';
import { ResourceMap } from '../../../plugins/otel/map/origin.ts';

const resources = new ResourceMap({ serviceName: 'shop', attributes: {} }, 'test');
let ids = 0;

function observed(fields: Partial<MetricEvent> & { value: number }): MetricEvent {
  const timeUnixMicro = fields.timeUnixMicro ?? 1_000 + ids;
  return {
    type: 'metric',
    id: String(ids++),
    name: 'calls',
    metricType: 'counter',
    labels: {},
    timestamp: new Date(0),
    ...fields,
    timeUnixMicro,
  };
}

function aggregation(options: Partial<AggregationOptions> = {}): Aggregation {
  const defaults = { temporality: 'delta', histogramBounds: [1, 2], maxSeries: 10 } as const;
  return new Aggregation({ ...defaults, ...options }, resources);
}
const valuesOf = (metrics: OtlpMetric[]) => metrics.flatMap(({ points }) => points.map(({ value }) => value));

describe('metrics of a batch', () => {
  it('of a counter are sums by label set, in whatever order the labels are', async () => {
    const { records } = await aggregation().take(
      [
        observed({ value: 2, labels: { a: '1', b: '2' } }),
        observed({ value: 3, labels: { b: '2', a: '1' } }),
        observed({ value: 5, labels: { a: '2' } }),
      ],
      'b-1',
    );
    expect(records).to.have.lengthOf(1);
    expect(records[0]).to.include({ name: 'calls', kind: 'sum', temporality: 'delta' });
    expect(records[0]!.points.map(({ attributes, value }) => [attributes, value])).to.deep.equal([
      [{ a: '1', b: '2' }, 5],
      [{ a: '2' }, 5],
    ]);
  });

  it('of a gauge are its last level, by time', async () => {
    const gauge = (value: number, timeUnixMicro: number) =>
      observed({ metricType: 'gauge', value, timeUnixMicro });
    expect(
      valuesOf((await aggregation().take([gauge(1, 10), gauge(-2, 30), gauge(3, 20)], 'b')).records),
    ).to.deep.equal([-2]);
  });

  it('of a histogram are a distribution whose bounds belong to the bucket below them', async () => {
    const batch = [0.5, 1, 1.5, 2, 7].map((value) => observed({ metricType: 'histogram', value }));
    const [value] = valuesOf((await aggregation().take(batch, 'b')).records);
    expect(value).to.deep.equal({ count: 5, sum: 12, min: 0.5, max: 7, bounds: [1, 2], counts: [2, 2, 1] });
  });

  it('are apart by kind, unit, scope and resource', async () => {
    const { records } = await aggregation().take(
      [
        observed({ value: 1 }),
        observed({ value: 1, unit: 's' }),
        observed({ value: 1, metricType: 'gauge' }),
        observed({ value: 1, scope: { name: 'lib' } }),
        observed({ value: 1, correlation: { serviceName: 'other' } }),
        observed({ value: 1, correlation: { serviceName: 'shop', userId: 'u-1' } }),
      ],
      'b',
    );
    expect(valuesOf(records)).to.deep.equal([2, 1, 1, 1, 1]);
  });

  it('begin where those of the batch before ended, also when they are sent again', async () => {
    const subject = aggregation();
    const window = async (batch: MetricEvent[], id: string) => {
      const [point] = (await subject.take(batch, id)).records[0]!.points;
      return [point!.startUnixMicro, point!.endUnixMicro];
    };
    expect(await window([observed({ value: 1, timeUnixMicro: 100 })], 'b-1')).to.deep.equal([100, 100]);
    const second = [observed({ value: 1, timeUnixMicro: 150 }), observed({ value: 1, timeUnixMicro: 200 })];
    expect(await window(second, 'b-2')).to.deep.equal([100, 200]);
    expect(await window(second, 'b-2')).to.deep.equal([100, 200]);
    expect(await window([observed({ value: 1, timeUnixMicro: 300 })], 'b-3')).to.deep.equal([200, 300]);
  });

  it('go to one overflow series beyond the bound', async () => {
    const batch = Array.from({ length: 5 }, (_, n) => observed({ value: 1, labels: { n: `${n}` } }));
    const { points } = (await aggregation({ maxSeries: 2 }).take(batch, 'b')).records[0]!;
    expect(points.map(({ attributes, value }) => [attributes, value])).to.deep.equal([
      [{ n: '0' }, 1],
      [{ n: '1' }, 1],
      [{ 'otel.metric.overflow': true }, 3],
    ]);
  });

  it('go on for ever when they are cumulative, and begin once', async () => {
    const subject = aggregation({ temporality: 'cumulative' });
    await subject.take([observed({ value: 2, timeUnixMicro: 10 })], 'b-1');
    const { points } = (await subject.take([observed({ value: 3, timeUnixMicro: 20 })], 'b-2')).records[0]!;
    expect(points).to.deep.equal([{ attributes: {}, startUnixMicro: 10, endUnixMicro: 20, value: 5 }]);
  });

  it('send the cumulative series that were observed, and no other', async () => {
    const subject = aggregation({ temporality: 'cumulative' });
    await subject.take(
      [observed({ value: 1, labels: { a: '1' } }), observed({ value: 1, name: 'other' })],
      'b-1',
    );
    const { records } = await subject.take([observed({ value: 1, labels: { a: '1' } })], 'b-2');
    expect(valuesOf(records)).to.deep.equal([2]);
  });

  it('count once what is sent again, whole or in halves', async () => {
    const batch = [1, 2, 3, 4].map((value) => observed({ value }));
    const subject = aggregation({ temporality: 'cumulative' });
    for (const again of [batch, batch, batch.slice(0, 2), batch.slice(2)])
      expect(valuesOf((await subject.take(again, `b-${again.length}`)).records)).to.deep.equal([10]);
    expect(valuesOf((await subject.take([observed({ value: 5 })], 'next')).records)).to.deep.equal([15]);
  });

  it('reject what is no observation, by its index, and keep the others', async () => {
    const broken = observed({ value: 1, labels: null as never });
    const { records, rejected } = await aggregation().take([observed({ value: 1 }), broken], 'b');
    expect(valuesOf(records)).to.deep.equal([1]);
    expect(rejected.map(({ index }) => index)).to.deep.equal([1]);
  });

  it('hold every observation in exactly one point, however they are batched', async () => {
    const event = fc.record({
      name: fc.constantFrom('a', 'b'),
      metricType: fc.constantFrom('counter', 'histogram') as fc.Arbitrary<'counter' | 'histogram'>,
      value: fc.integer({ min: 0, max: 1_000 }),
      labels: fc.dictionary(fc.constantFrom('x', 'y'), fc.constantFrom('1', '2', '3', '4')),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(event, { minLength: 1 }), { maxLength: 6 }), async (batches) => {
        const subject = aggregation({ maxSeries: 3 });
        let [sum, count] = [0, 0];
        for (const [n, batch] of batches.entries()) {
          for (const value of valuesOf((await subject.take(batch.map(observed), `b-${n}`)).records)) {
            sum += typeof value === 'number' ? value : value.sum;
            count +=
              typeof value === 'number' ? 0 : (value as OtlpHistogram).counts.reduce((a, b) => a + b, 0);
          }
        }
        const all = batches.flat();
        expect(sum).to.equal(all.reduce((total, { value }) => total + value, 0));
        expect(count).to.equal(all.filter(({ metricType }) => metricType === 'histogram').length);
      }),
    );
  });
});
