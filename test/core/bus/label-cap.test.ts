import { expect } from 'chai';
import { createLabelCap, OVERFLOW_LABELS } from '../../../core/bus/label-cap.ts';
import type { Labels, MetricEvent } from '../../../core/signals/metrics.ts';
import { createTestHost } from '../../kit/host.ts';
import { createRecording } from '../../kit/recording.ts';

const OVERFLOW = { 'otel.metric.overflow': 'true' };

function event(name: string, labels: Labels): MetricEvent {
  return {
    type: 'metric',
    id: '1',
    name,
    metricType: 'counter',
    value: 1,
    labels,
    timestamp: new Date(0),
    timeUnixMicro: 0,
  };
}

describe('the label cap', () => {
  it('lets the first label sets of a metric through and puts all others into one series', () => {
    const overflowed: string[] = [];
    const cap = createLabelCap(2, (metric) => overflowed.push(metric));
    const labelsOf = (user: string) => cap(event('calls', { user })).labels;
    expect([labelsOf('a'), labelsOf('b')]).to.deep.equal([{ user: 'a' }, { user: 'b' }]);
    expect([labelsOf('c'), labelsOf('d')]).to.deep.equal([OVERFLOW, OVERFLOW]);
    expect([labelsOf('a'), labelsOf('b')]).to.deep.equal([{ user: 'a' }, { user: 'b' }]);
    expect(overflowed).to.deep.equal(['calls', 'calls']);
  });

  it('counts each metric for itself', () => {
    const cap = createLabelCap(1, () => {});
    expect(cap(event('a', { x: '1' })).labels).to.deep.equal({ x: '1' });
    expect(cap(event('b', { x: '2' })).labels).to.deep.equal({ x: '2' });
    expect(cap(event('a', { x: '2' })).labels).to.deep.equal(OVERFLOW);
  });

  it('takes the same labels in another order for the same set, and never two sets for one', () => {
    const cap = createLabelCap(4, () => {});
    const isKept = (labels: Labels) => cap(event('m', labels)).labels !== OVERFLOW_LABELS;
    expect(isKept({ a: '1', b: '2' })).to.equal(true);
    expect(isKept({ ab: '12' })).to.equal(true);
    expect(isKept({ a: '1b2' })).to.equal(true);
    expect(isKept({})).to.equal(true);
    expect(isKept({ b: '2', a: '1' })).to.equal(true);
    expect(isKept({ a: '12', b: '' })).to.equal(false);
  });

  it('tells long label sets apart too', () => {
    const cap = createLabelCap(2, () => {});
    const long = 'prompt '.repeat(5_000);
    expect(cap(event('m', { text: `${long}1` })).labels['text']).to.equal(`${long}1`);
    expect(cap(event('m', { text: `${long}2` })).labels['text']).to.equal(`${long}2`);
    expect(cap(event('m', { text: `${long}1` })).labels['text']).to.equal(`${long}1`);
    expect(cap(event('m', { text: `${long}3` })).labels).to.deep.equal(OVERFLOW);
  });

  it('changes nothing but the labels, and not the event that it was given', () => {
    const cap = createLabelCap(0, () => {});
    const given = event('m', { a: 'b' });
    const capped = cap(given);
    expect(capped).to.deep.equal({ ...given, labels: OVERFLOW });
    expect(given.labels).to.deep.equal({ a: 'b' });
  });

  it('bounds the number of metrics as well', () => {
    const cap = createLabelCap(1, () => {});
    for (let i = 0; i < 10_000; i++) cap(event(`m${i}`, {}));
    expect(cap(event('one more', {})).labels).to.deep.equal(OVERFLOW);
    expect(cap(event('m5', {})).labels).to.deep.equal({});
  });

  it('keeps totals true in an instance, counts what overflowed and warns once', () => {
    const recording = createRecording();
    const { obs, warnings } = createTestHost({
      plugins: { recording: recording.plugin },
      config: { signals: { metrics: { maxSeries: 10 } } },
    });
    const counter = obs.metrics.counter('requests');
    for (let i = 0; i < 100; i++) counter.add(i, { user: `u${i}` });
    const { metrics } = recording.events;
    expect(metrics.reduce((sum, { value }) => sum + value, 0)).to.equal(4_950);
    const series = new Set(metrics.map(({ labels }) => JSON.stringify(labels)));
    expect(series.size).to.equal(11);
    expect(obs.diagnostics().overflowed).to.equal(90);
    expect(obs.diagnostics().emitted.metrics).to.deep.equal({ count: 100, dropped: {} });
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include('"requests"').and.include('10 label sets');
  });

  it('takes labels that differ in a redacted value only for one series', () => {
    const recording = createRecording();
    const { obs } = createTestHost({
      plugins: { recording: recording.plugin },
      config: { signals: { metrics: { maxSeries: 2 } } },
    });
    for (let i = 0; i < 5; i++) obs.metrics.counter('c').add(1, { token: `secret ${i}` });
    obs.metrics.counter('c').add(1, { route: '/' });
    expect(obs.diagnostics().overflowed).to.equal(0);
    expect(recording.events.metrics.at(-1)?.labels).to.deep.equal({ route: '/' });
  });
});
