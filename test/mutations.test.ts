import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const ROOT = join(import.meta.dirname, '..');
const DIRECTORY = join(ROOT, 'test/mutations');

interface Mutation {
  name: string;
  file: string;
  search: string;
  test: string;
}

const mutations = readdirSync(DIRECTORY).flatMap(
  (file) => JSON.parse(readFileSync(join(DIRECTORY, file), 'utf8')) as Mutation[],
);

describe('mutations', () => {
  it('each name one place that is there, and a test: one that does not would prove nothing', () => {
    const astray = mutations.flatMap(({ name, file, search, test }) => {
      if (!existsSync(join(ROOT, test))) return `${name}: there is no ${test}`;
      if (!existsSync(join(ROOT, file))) return `${name}: there is no ${file}`;
      const times = readFileSync(join(ROOT, file), 'utf8').split(search).length - 1;
      return times === 1 ? [] : `${name}: ${times} times in ${file}: ${search}`;
    });
    expect(astray.join('\n')).to.equal('');
  });
});
