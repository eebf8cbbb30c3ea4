import { expect } from 'chai';
import { createIdSource, isSpanId, isTraceId } from '../../core/ids.ts';

const MS = 1_735_689_600_123;

describe('ids', () => {
  it('are 32 and 16 lower-case hex characters, also beyond the pool of random bytes', () => {
    const ids = createIdSource();
    for (let i = 0; i < 2_000; i++) {
      expect(isTraceId(ids.traceId(MS * 1000))).to.equal(true);
      expect(isSpanId(ids.spanId())).to.equal(true);
      expect(ids.eventId(MS * 1000)).to.match(/^[0-9a-f]{32}$/);
    }
  });

  it('do not repeat', () => {
    const ids = createIdSource();
    const all = Array.from({ length: 5_000 }, () => [ids.traceId(MS * 1000), ids.spanId()]).flat();
    expect(new Set(all).size).to.equal(all.length);
  });

  it('of traces and events begin with the milliseconds of their time, so they sort by time', () => {
    const ids = createIdSource();
    for (const id of [ids.traceId(MS * 1000), ids.eventId(MS * 1000 + 999)])
      expect(Number.parseInt(id.slice(0, 12), 16)).to.equal(MS);
    const sorted = [0, 1, 2, 1000, 10 ** 9].map((later) => ids.traceId((MS + later) * 1000));
    expect([...sorted].sort()).to.deep.equal(sorted);
  });

  it('are valid for times before 1970 and far in the future', () => {
    const ids = createIdSource();
    for (const micro of [-1, 0, 8.64e18]) expect(isTraceId(ids.traceId(micro))).to.equal(true);
  });

  it('have low 56 bits that are spread evenly', () => {
    const ids = createIdSource();
    const bits = Array.from({ length: 56 }, () => 0);
    const n = 2_000;
    for (let i = 0; i < n; i++) {
      const low = BigInt(`0x${ids.traceId(MS * 1000).slice(-14)}`);
      for (let bit = 0; bit < 56; bit++) if ((low >> BigInt(bit)) & 1n) bits[bit]!++;
    }
    // Seven standard deviations: fails by chance less than once in a billion runs.
    const slack = 7 * Math.sqrt(n / 4);
    for (const ones of bits) expect(ones).to.be.within(n / 2 - slack, n / 2 + slack);
  });
});

describe('isTraceId and isSpanId', () => {
  it('refuse what is too short, too long, upper case, all zero or no text', () => {
    const wrong = ['', 'a', 'g'.repeat(32), 'A'.repeat(32), '0'.repeat(32), 'a'.repeat(33), null, 5, {}];
    for (const id of wrong) expect(isTraceId(id), String(id)).to.equal(false);
    for (const id of ['A'.repeat(16), '0'.repeat(16), 'a'.repeat(15), `${'a'.repeat(16)}\n`, undefined])
      expect(isSpanId(id), String(id)).to.equal(false);
    expect(isTraceId('a'.repeat(32)) && isSpanId(`${'0'.repeat(15)}1`)).to.equal(true);
  });
});
