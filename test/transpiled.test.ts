import { expect } from 'chai';

// Read as JavaScript, `box<number>(1)` is two comparisons and gives `false`: see docs/decisions/004.
function box<T>(value: T): { value: T } {
  return { value };
}

describe('the test runner', () => {
  it('transpiles test files before it runs them', () => {
    expect(box<number>(1)).to.deep.equal({ value: 1 });
  });
});
