import { expect } from 'chai';
import type { Plugin } from '../../../core/index.ts';
import { limit } from '../../../plugins/limit/index.ts';
import { limitOptions } from '../../../plugins/limit/options.ts';
import { redact } from '../../../plugins/redact/index.ts';
import { redactOptions } from '../../../plugins/redact/options.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';

describe('limit', () => {
  it('bounds the series of each metric, of single ones to less, and keeps totals true', () => {
    const options = limitOptions.parse({ maxSeries: 5, metrics: { tight: 1 } });
    const { obs, recording, warnings } = createRecordedHost({
      plugins: { limit: { plugin: limit as unknown as Plugin, options } },
    });
    for (let i = 0; i < 20; i++)
      for (const name of ['wide', 'tight']) obs.metrics.counter(name).add(i, { user: `u${i % 10}` });
    const of = (name: string) => recording.events.metrics.filter((event) => event.name === name);
    const series = (name: string) => new Set(of(name).map(({ labels }) => JSON.stringify(labels)));
    expect(series('wide').size).to.equal(6);
    expect([...series('tight')]).to.deep.equal(['{"user":"u0"}', '{"otel.metric.overflow":"true"}']);
    for (const name of ['wide', 'tight'])
      expect(of(name).reduce((sum, { value }) => sum + value, 0)).to.equal(190);
    expect(warnings).to.have.length(2);
  });

  it('behind redact takes label sets that differ in what was hidden for one', () => {
    const { obs, recording } = createRecordedHost({
      plugins: {
        privacy: { plugin: redact as unknown as Plugin, options: redactOptions.parse({ keys: ['user'] }) },
        limit: { plugin: limit as unknown as Plugin, options: limitOptions.parse({ maxSeries: 1 }) },
      },
    });
    for (let i = 0; i < 5; i++) obs.metrics.counter('c').add(1, { user: `u${i}` });
    expect(new Set(recording.events.metrics.map(({ labels }) => labels['user']))).to.deep.equal(
      new Set(['[REDACTED]']),
    );
  });
});
