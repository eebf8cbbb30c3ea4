import { expect } from 'chai';
import { BROKEN_EXPORTERS, casesWith, leaks } from './broken/exporters.ts';
import { failuresOf } from './broken/failures.ts';

describe('the checks of exporters', function () {
  this.timeout(60_000);
  const sound = casesWith();

  it('pass for an exporter that is sound', async () => {
    expect(sound.filter(({ skip }) => skip !== undefined)).to.deep.equal([]);
    expect(await failuresOf(sound)).to.deep.equal([]);
  });

  it('have an exporter each that fails it', () => {
    expect(Object.keys(BROKEN_EXPORTERS)).to.have.members(sound.map(({ id }) => id));
  });

  for (const [id, fault] of Object.entries(BROKEN_EXPORTERS))
    it(`${id} is what one fails, and nothing else`, async () => {
      const failed = await failuresOf(casesWith(fault));
      for (const timer of leaks.splice(0)) clearInterval(timer);
      expect(failed).to.deep.equal([id]);
    });
});
