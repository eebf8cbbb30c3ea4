import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { resolveConfig } from '../../../core/config/resolve.ts';
import { REPOSITORY } from './project.ts';

describe('a config with eight mistakes in three layers', () => {
  it('gives eight problems, each with its source, key path, code, message and hint', async () => {
    const cwd = join(REPOSITORY, 'test/fixtures/config/eight-mistakes');
    const env = { NODE_ENV: 'production', OBS_SAMPLE_RATIO: '2', OBS_PLUGINS: '+clould' };
    const { problems } = await resolveConfig({ cwd, env });
    const expected = JSON.parse(readFileSync(join(cwd, 'problems.json'), 'utf8'));
    expect(problems).to.deep.equal(expected);
    expect(problems).to.have.lengthOf(8);
  });
});
