import { expect } from 'chai';
import type { Access } from '../../../plugins/duckdb/access.ts';
import { Answers } from '../../../plugins/duckdb/owner/answers.ts';
import { type Ask, UNHEARD } from '../../../plugins/duckdb/owner/requests.ts';

describe('the answers of a DuckDB store', () => {
  const ask = { kind: 'write' } as Ask;
  const accessTo = (result: unknown) => ({ call: async () => result }) as unknown as Access;
  const refused = { rejected: [{ index: 0, reason: 'no id' }] };

  it('say of what nobody hears, once, that it was not done, though it was answered long before', async () => {
    const answers = new Answers(accessTo(refused), () => {});
    await answers.take({ id: UNHEARD, ask });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await answers.settled()).to.equal(false);
    expect(await answers.settled()).to.equal(true);
  });

  it('say so of what is still being done', async () => {
    const answers = new Answers(accessTo(refused), () => {});
    void answers.take({ id: UNHEARD, ask });
    void answers.take({ id: 1, ask });
    expect(await answers.settled()).to.equal(false);
    expect(await answers.settled()).to.equal(true);
  });

  it('leave what somebody heard to whoever did', async () => {
    const answers = new Answers(accessTo(refused), () => {});
    await answers.take({ id: 1, ask });
    expect(await answers.settled()).to.equal(true);
  });
});
