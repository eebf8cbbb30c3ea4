import { expect } from 'chai';
import { BoundedMap } from '../../../plugins/mastra/bounded-map.ts';

describe('BoundedMap', () => {
  it('forgets the entry that was set longest ago when there is one too many', () => {
    const map = new BoundedMap<number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    map.set('c', 4);
    expect(['a', 'b', 'c'].map((key) => map.get(key))).to.deep.equal([3, undefined, 4]);
  });
});
