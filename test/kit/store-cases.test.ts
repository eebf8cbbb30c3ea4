import { expect } from 'chai';
import { failuresOf } from './broken/failures.ts';
import { BROKEN_WRITES, brokenReads, casesWith, type Flaw, leaks } from './broken/stores.ts';
import { storeTable } from './index.ts';

/** The checks that a flaw makes fail: its own, by whatever strategy. */
const isAbout = (flawId: string) => (id: string) => id === flawId || id.startsWith(`${flawId}.`);

/**
 * Each flaw is there in about half of the runs, by the bits of its number, so that any two of them differ in a run: where
 * exactly the checks of the flaws fail that are there, each check fails by its own flaw and by no other.
 */
function describeFlaws(name: string, flaws: Record<string, Flaw>, isRun: (id: string) => boolean): void {
  const numbered = Object.entries(flaws).map(([id, flaw], index) => ({ id, flaw, number: index + 1 }));
  for (let bit = 0; 2 ** bit <= numbered.length; bit++)
    it(`${name}: those of a flaw that is there fail, and no others (run ${bit + 1})`, async () => {
      const there = numbered.filter(({ number }) => number & (2 ** bit));
      const cases = casesWith(there.map(({ flaw }) => flaw)).filter(({ id }) => isRun(id));
      const failed = await failuresOf(cases);
      for (const timer of leaks.splice(0)) clearInterval(timer);
      const wanted = cases.map(({ id }) => id).filter((id) => there.some((one) => isAbout(one.id)(id)));
      expect(failed).to.have.members(wanted);
    });
}

describe('the checks of stores', function () {
  this.timeout(60_000);
  const sound = casesWith([]);
  const reads = sound.map(({ id }) => id).filter((id) => id.startsWith('read.'));
  const isWrite = (id: string) => /^(write\.\w+\.(logs|scores|tracing)|whole)\b/.test(id);

  it('apply all to a store that has everything', () => {
    expect(sound.filter(({ skip }) => skip !== undefined)).to.deep.equal([]);
  });

  it('have a flaw each', () => {
    const checks = sound.map(({ id }) => id.split('.').slice(0, 2).join('.'));
    const flawed = Object.keys(BROKEN_WRITES).map((id) => id.split('.').slice(0, 2).join('.'));
    expect(new Set(checks.filter((check) => isWrite(`${check}.logs`)))).to.deep.equal(new Set(flawed));
  });

  describeFlaws('writes', BROKEN_WRITES, isWrite);
  describeFlaws('reads', brokenReads(reads), (id) => id.startsWith('read.'));

  it('are a table of method, case and strategy', () => {
    const lines = storeTable(sound, { 'write.equal.logs.batch': 'failed' }).split('\n');
    expect(lines[0]).to.match(
      /^method +\| case +\| - +\| realtime \| batch-with-updates \| insert-only \| batch$/,
    );
    expect(lines.find((line) => /^batchCreateLogs +\| equal/.test(line))).to.match(
      /\| x +\| +\| +\| failed$/,
    );
    expect(lines.find((line) => /^createSpan, updateSpan +\| order/.test(line))).to.match(
      /\| x +\| +\| +\|$/,
    );
    expect(lines.filter((line) => /^listTraces +\|/.test(line))).to.have.length(3);
  });
});
