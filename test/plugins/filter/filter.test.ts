import { expect } from 'chai';
import { type Plugin, SIGNALS } from '../../../core/index.ts';
import { type FilterOptions, filter } from '../../../plugins/filter/index.ts';
import { filterOptions } from '../../../plugins/filter/options.ts';
import { createRecordedHost, type RecordedHost } from '../../kit/recorded-host.ts';

function hostWith(options: FilterOptions): RecordedHost {
  const entry = { plugin: filter as unknown as Plugin, options: filterOptions.parse(options) };
  return createRecordedHost({ plugins: { quiet: entry } });
}

function emitAll({ obs }: RecordedHost): void {
  for (const tier of ['free', 'paid']) {
    obs.startSpan({ name: `call ${tier}`, type: 'tool_call', attributes: { tier } as never }).end();
    obs.metrics.counter(`count ${tier}`).add(1, { tier });
    obs.logger[tier === 'free' ? 'info' : 'warn'](`said ${tier}`, { tier });
    obs.addScore({ scorerId: `scorer ${tier}`, score: 1, metadata: { tier } });
    obs.addFeedback({ feedbackType: `thumbs ${tier}`, value: 1, metadata: { tier } });
  }
}

const namesOf = ({ recording }: RecordedHost) =>
  SIGNALS.map((signal) => {
    const text = JSON.stringify(recording.events[signal]);
    return ['free', 'paid'].filter((tier) => text.includes(tier)).join('+');
  });

describe('filter', () => {
  const cases: [what: string, options: FilterOptions, left: string[]][] = [
    ['a signal', { drop: [{ signal: 'scores' }] }, ['free+paid', 'free+paid', 'free+paid', '', 'free+paid']],
    [
      'a name with *, in all five signals',
      { drop: [{ name: '*free' }] },
      ['paid', 'paid', 'paid', 'paid', 'paid'],
    ],
    [
      'a value of attributes, labels, data or metadata',
      { drop: [{ attributes: { tier: 'free' } }] },
      ['paid', 'paid', 'paid', 'paid', 'paid'],
    ],
    [
      'logs below a level',
      { drop: [{ below: 'warn' }] },
      ['free+paid', 'free+paid', 'paid', 'free+paid', 'free+paid'],
    ],
    [
      'a type of span',
      { drop: [{ type: 'tool_call' }] },
      ['', 'free+paid', 'free+paid', 'free+paid', 'free+paid'],
    ],
    [
      'only what fits all conditions',
      { drop: [{ signal: 'logs', name: 'said *', attributes: { tier: 'paid' } }] },
      ['free+paid', 'free+paid', 'free', 'free+paid', 'free+paid'],
    ],
    [
      'all of a signal but what is kept',
      { keep: [{ signal: 'metrics', name: 'count p*' }] },
      ['free+paid', 'paid', 'free+paid', 'free+paid', 'free+paid'],
    ],
    [
      'what fits drop, although keep fits',
      { drop: [{ name: '*paid' }], keep: [{ attributes: { tier: 'paid' } }] },
      ['', '', '', '', ''],
    ],
  ];
  for (const [what, options, left] of cases)
    it(`drops by ${what}`, () => {
      const host = hostWith(options);
      emitAll(host);
      expect(namesOf(host)).to.deep.equal(left);
    });

  it('counts what it drops, by its own reason', () => {
    const host = hostWith({ drop: [{ name: '*free' }] });
    emitAll(host);
    const { emitted } = host.obs.diagnostics();
    expect(emitted.tracing).to.deep.equal({ count: 2, dropped: { filtered: 2 } });
    for (const signal of SIGNALS.slice(1))
      expect(emitted[signal]).to.deep.equal({ count: 1, dropped: { filtered: 1 } });
  });

  it('drops a span as a whole with what is below it, by what was known when it started', () => {
    const host = hostWith({ drop: [{ name: 'GET /health' }, { attributes: { late: true } }] });
    const { obs, recording } = host;
    obs.trace('GET /health', {}, (span) => {
      obs.trace('query', {}, () => obs.startSpan({ name: 'deeper' }).end());
      span.update({ name: 'renamed' } as never);
    });
    obs.trace('GET /', {}, (span) => span.update({ attributes: { late: true } as never }));
    expect(new Set(recording.events.tracing.map(({ exportedSpan }) => exportedSpan.name))).to.deep.equal(
      new Set(['GET /']),
    );
    expect(recording.types('GET /').at(-1)).to.equal('span.ended');
  });

  it('forgets spans that were judged long ago', () => {
    const { obs, recording } = hostWith({ drop: [{ name: 'dropped' }] });
    const first = obs.startSpan({ name: 'dropped' });
    for (let i = 0; i < 10_001; i++) obs.startSpan({ name: 'dropped' });
    first.createChildSpan({ name: 'child' }).end();
    expect(recording.events.tracing.map(({ exportedSpan }) => exportedSpan.name)).to.deep.equal([
      'child',
      'child',
    ]);
  });

  it('has rules with conditions, or it is a mistake', () => {
    expect(filterOptions.safeParse({ drop: [{}] }).error?.issues[0]?.message).to.include(
      'expected a condition',
    );
    expect(filterOptions.safeParse({}).error?.issues[0]?.message).to.include('expected drop or keep');
  });
});
