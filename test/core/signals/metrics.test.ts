import { expect } from 'chai';
import { createFakeClock, FAKE_START_MS } from '../../kit/clock.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';

describe('obs.metrics', () => {
  it('makes one event per observation, with the type of its instrument', () => {
    const { obs, metrics } = createRecordedHost({ clock: createFakeClock() });
    obs.metrics.counter('calls', { unit: '{call}', description: 'Calls made' }).add(2, { model: 'm' });
    obs.metrics.gauge('queue').set(-3);
    obs.metrics.histogram('latency', { unit: 'ms' }).record(12.5, { ok: true });
    const [counter, gauge, histogram] = metrics;
    expect(counter).to.deep.include({
      type: 'metric',
      name: 'calls',
      metricType: 'counter',
      value: 2,
      labels: { model: 'm' },
      unit: '{call}',
      description: 'Calls made',
      timestamp: new Date(FAKE_START_MS),
      timeUnixMicro: FAKE_START_MS * 1000,
    });
    expect(gauge).to.deep.include({ metricType: 'gauge', value: -3, labels: {} });
    expect(gauge).not.to.have.any.keys('unit', 'description', 'traceId', 'spanId');
    expect(histogram).to.deep.include({ metricType: 'histogram', value: 12.5, labels: { ok: 'true' } });
    expect(new Set(metrics.map(({ id }) => id)).size).to.equal(3);
  });

  it('counts one when add is given no value', () => {
    const { obs, metrics } = createRecordedHost();
    const counter = obs.metrics.counter('calls');
    counter.add();
    counter.add(undefined, { a: 'b' });
    expect(metrics.map(({ value }) => value)).to.deep.equal([1, 1]);
  });

  it('refuses a negative increment of a counter, counts it and warns', () => {
    const { obs, metrics, warnings } = createRecordedHost();
    const counter = obs.metrics.counter('calls');
    counter.add(-1);
    counter.add(-0.5);
    expect(metrics).to.deep.equal([]);
    expect(obs.diagnostics().emitted.metrics).to.deep.equal({ count: 0, dropped: { invalid_value: 2 } });
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include('counter "calls" was given -1');
  });

  it('refuses what is no finite number, for every instrument', () => {
    const { obs, metrics } = createRecordedHost();
    const values = [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      '5',
      null,
      {},
      [],
      true,
      10n,
      Symbol('5'),
    ] as never[];
    const histogram = obs.metrics.histogram('h');
    for (const value of values) {
      obs.metrics.counter('c').add(value);
      obs.metrics.gauge('g').set(value);
      histogram.record(value);
    }
    obs.metrics.gauge('g').set(undefined as never);
    expect(metrics).to.deep.equal([]);
    expect(obs.diagnostics().emitted.metrics.dropped).to.deep.equal({ invalid_value: 3 * values.length + 1 });
  });

  it('makes texts of label values and leaves out what is nothing', () => {
    const { obs, metrics } = createRecordedHost();
    const labels = {
      text: 'a',
      number: 1,
      flag: false,
      nothing: undefined,
      none: null,
      object: { b: 1 },
      nan: Number.NaN,
    };
    obs.metrics.counter('c').add(1, labels as never);
    expect(metrics[0]?.labels).to.deep.equal({
      text: 'a',
      number: '1',
      flag: 'false',
      object: '{"b":1}',
      nan: 'NaN',
    });
  });

  it('carries the ids and the owner of the span it is made in', () => {
    const { obs, metrics } = createRecordedHost();
    const counter = obs.metrics.counter('c');
    obs.trace('work', { userId: 'u' }, (span) => {
      counter.add();
      expect(metrics[0]).to.deep.include({
        traceId: span.traceId,
        spanId: span.id,
        correlation: { environment: 'test', serviceName: 'test-service', userId: 'u' },
      });
    });
    counter.add();
    expect(metrics[1]?.correlation).to.deep.equal({ environment: 'test', serviceName: 'test-service' });
    expect(metrics[1]).not.to.have.any.keys('traceId', 'spanId');
  });

  it('keeps the observations of a trace that is not sampled', () => {
    const { obs, metrics } = createRecordedHost({ config: { signals: { tracing: { sample: 0 } } } });
    obs.trace('work', (span) => {
      obs.metrics.counter('c').add();
      expect(metrics[0]).to.include({ traceId: span.traceId, spanId: span.id });
    });
  });

  it('describes an instrument by unit and description alone, whatever else its options hold', () => {
    const { obs, metrics } = createRecordedHost();
    obs.metrics.counter('c', { unit: 'ms', type: 'log', name: 'other', labels: { a: 'b' } } as never).add();
    obs.metrics.counter('d', { unit: 5, description: {} } as never).add();
    expect(metrics[0]).to.deep.include({ type: 'metric', name: 'c', unit: 'ms', labels: {} });
    expect(metrics[1]).not.to.have.any.keys('unit', 'description');
  });

  it('makes instruments of any name without throwing', () => {
    const { obs, metrics } = createRecordedHost();
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('trap');
        },
      },
    );
    for (const name of [Symbol('s'), undefined, hostile, 5] as never[]) {
      obs.metrics.counter(name, hostile).add();
      obs.metrics.gauge(name, null as never).set(1);
      obs.metrics.histogram(name).record(1);
    }
    expect(metrics).to.have.length(12);
    expect(metrics.every(({ name }) => typeof name === 'string')).to.equal(true);
  });
});
