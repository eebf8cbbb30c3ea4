import { expect } from 'chai';
import fc from 'fast-check';
import { LineBuffer } from '../../../plugins/json/line-buffer.ts';

const BUFFER_BYTES = 256 * 1024;

describe('the buffer of lines', () => {
  /** All portions, each as text; a portion without a line takes a file with room for `fileBytes`. */
  function portionsOf(lines: readonly string[], fileBytes: number, isTorn = false): string[] {
    const buffer = new LineBuffer();
    const portions: string[] = [];
    let room = fileBytes;
    for (let start = 0; start < lines.length; ) {
      const force = room === fileBytes;
      const bytes = buffer.fill({ lines, start, room, force, isTorn: isTorn && start === 0 });
      if (!bytes) {
        expect(force, 'an empty file takes any line').to.equal(false);
        room = fileBytes;
        continue;
      }
      room -= bytes.length;
      const text = bytes.toString();
      portions.push(text);
      start += text.split('\n').length - 1 - Number(isTorn && start === 0);
    }
    return portions;
  }

  it('gives every line once, whole and in order, and no more than there is room for', () => {
    const unit = fc.constantFrom('a', 'é', '€', '😀', 'x'.repeat(90_000), '€'.repeat(90_000));
    const line = fc.array(unit, { maxLength: 4 }).map((parts) => parts.join(''));
    const cases = fc.tuple(
      fc.array(line, { maxLength: 30 }),
      fc.integer({ min: 1, max: 900_000 }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(cases, ([lines, fileBytes, isTorn]) => {
        const portions = portionsOf(lines, fileBytes, isTorn);
        const start = isTorn && lines.length > 0 ? '\n' : '';
        expect(portions.join('')).to.equal(start + lines.map((one) => `${one}\n`).join(''));
        for (const portion of portions) {
          const isOne = portion.trimStart().indexOf('\n') === portion.trimStart().length - 1;
          const bytes = Buffer.byteLength(portion);
          if (!isOne) expect(bytes).to.be.at.most(Math.min(BUFFER_BYTES, fileBytes + 1));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('takes a line of exactly its size, and of one more in memory of its own', () => {
    for (const length of [BUFFER_BYTES - 1, BUFFER_BYTES]) {
      const lines = ['x'.repeat(length)];
      const bytes = new LineBuffer().fill({ lines, start: 0, room: 1, force: true, isTorn: false });
      expect(bytes?.toString()).to.equal(`${lines[0]}\n`);
    }
  });

  it('takes nothing where there is no room for the first line', () => {
    for (const line of ['x', 'x'.repeat(BUFFER_BYTES)]) {
      const portion = { lines: [line], start: 0, force: false, isTorn: true };
      expect(new LineBuffer().fill({ ...portion, room: line.length })).to.equal(undefined);
      expect(new LineBuffer().fill({ ...portion, room: line.length + 1 })?.length).to.equal(line.length + 2);
    }
  });
});
