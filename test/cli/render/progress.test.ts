import { expect } from 'chai';
import sinon from 'sinon';
import { intervalFor } from '../../../cli/metric-groups.ts';
import { bytes, number } from '../../../cli/render/amounts.ts';
import { createProgress, progressLine } from '../../../cli/render/progress.ts';
import { sparkline } from '../../../cli/render/sparkline.ts';

describe('progress', () => {
  afterEach(() => sinon.restore());

  const streamOf = (isTTY: boolean) => {
    const written: string[] = [];
    const stream = { isTTY, write: (text: string) => written.push(text) };
    return { written, stream: stream as unknown as NodeJS.WriteStream };
  };

  it('is drawn on a terminal once work takes its time, not too often, and is gone at the end', () => {
    const clock = sinon.useFakeTimers();
    const { written, stream } = streamOf(true);
    const progress = createProgress('importing', stream);
    progress.at(1, 4);
    clock.tick(500);
    progress.at(2, 4);
    progress.at(3, 4);
    progress.end();
    expect(written).to.deep.equal([`\r\u001b[K${progressLine('importing', 2, 4)}`, '\r\u001b[K']);
    expect(progressLine('importing', 2, 4)).to.equal(
      `importing  ${'█'.repeat(12)}${'░'.repeat(12)}  50 %  2 of 4`,
    );
  });

  it('writes nothing where nobody looks', () => {
    const clock = sinon.useFakeTimers();
    const { written, stream } = streamOf(false);
    const progress = createProgress('importing', stream);
    clock.tick(5_000);
    progress.at(1, 2);
    progress.end();
    expect(written).to.deep.equal([]);
  });
});

describe('a sparkline', () => {
  it('spans from the lowest to the highest value, with a gap where there is none', () => {
    expect(sparkline([0, 5, null, 10, -10])).to.equal('▅▆ █▁');
    expect(sparkline([3, undefined, 3])).to.equal('▄ ▄');
    expect(sparkline([])).to.equal('');
  });

  it('has no more steps than fit', () => {
    const minute = 60_000;
    expect([0, 30 * 1_000, 30 * minute, 24 * 60 * minute].map(intervalFor)).to.deep.equal([
      '1s',
      '1s',
      '1m',
      '1h',
    ]);
  });
});

describe('an amount', () => {
  it('is short and says how large it is', () => {
    expect([3_912, 0.25, 41.274, 1_234.5, 0.00000012, -4].map(number)).to.deep.equal([
      '3,912',
      '0.25',
      '41.27',
      '1,234.5',
      '1.2e-7',
      '-4',
    ]);
    expect([0, 812, 1_400, 38_000_000, 999_600].map(bytes)).to.deep.equal([
      '0 B',
      '812 B',
      '1.4 kB',
      '38 MB',
      '1.0 MB',
    ]);
  });
});
