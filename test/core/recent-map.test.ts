import { expect } from 'chai';
import { RecentMap } from '../../core/index.ts';

describe('a map of what is recent', () => {
  const held = (map: RecentMap<string, number>, keys: string) =>
    [...keys].filter((key) => map.has(key)).join('');

  it('forgets what was not used for longest, and keeps what was', () => {
    const map = new RecentMap<string, number>(2);
    for (const [at, key] of [...'abcd'].entries()) map.set(key, at);
    expect(held(map, 'abcd')).to.equal('abcd');
    expect(map.get('a')).to.equal(0);
    map.set('e', 4);
    expect(held(map, 'abcde')).to.equal('acde');
  });

  it('holds what was used last up to its weight, and never more than twice that', () => {
    const map = new RecentMap<number, number>(50);
    for (let n = 0; n < 1_000; n++) {
      map.set(n, n, 1 + (n % 7));
      let weight = 0;
      for (let of = 0; of <= n; of++) if (map.has(of)) weight += 1 + (of % 7);
      expect(weight).to.be.at.most(100);
      for (let of = n, newest = 1 + (n % 7); newest <= 50 && of >= 0; newest += 1 + (--of % 7))
        expect(map.has(of), `${of} after ${n}`).to.equal(true);
    }
  });

  it('holds one value of a key, the last', () => {
    const map = new RecentMap<string, number>(2);
    for (const value of [1, 2, 3, 4, 5]) map.set('a', value);
    map.set('b', 6);
    expect(map.get('a')).to.equal(5);
    map.delete('a');
    expect(map.get('a')).to.equal(undefined);
    expect(map.get('b')).to.equal(6);
  });

  it('does not take what is heavier than its weight, nor keep what that was to replace', () => {
    const map = new RecentMap<string, number>(5);
    map.set('a', 1, 2);
    map.set('a', 2, 6);
    expect(map.has('a')).to.equal(false);
  });
});
