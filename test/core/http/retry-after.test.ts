import { expect } from 'chai';
import { retryAfterMs } from '../../../core/http/retry-after.ts';

const NOW = Date.parse('2026-11-22T10:00:00Z');
const asked = (value: string, date?: string) =>
  retryAfterMs(new Headers({ 'retry-after': value, ...(date && { date }) }), NOW);

describe('Retry-After', () => {
  it('is read in seconds, also in parts of one', () => {
    expect([asked('0'), asked('120'), asked(' 1.5 ')]).to.deep.equal([0, 120_000, 1_500]);
  });

  it('is read as a date, against the time of the answer where it tells one', () => {
    expect(asked('Sun, 22 Nov 2026 10:00:20 GMT')).to.equal(20_000);
    expect(asked('Sun, 22 Nov 2026 13:00:20 GMT', 'Sun, 22 Nov 2026 13:00:00 GMT')).to.equal(20_000);
    expect(asked('Sun, 22 Nov 2026 09:00:00 GMT')).to.equal(0);
  });

  it('asks for nothing where it is absent or unreadable', () => {
    for (const value of ['soon', '-5', '', '1e3', 'NaN']) expect(asked(value), value).to.equal(undefined);
    expect(retryAfterMs(new Headers())).to.equal(undefined);
  });
});
