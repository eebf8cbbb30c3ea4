import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const DATA_DIR = fileURLToPath(new URL('../.obs', import.meta.url));

const filesOf = (directory: string): string[] =>
  existsSync(directory) ? readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort() : [];

let before: string[];

/** A test that writes into the data directory of the checkout fails: it has a directory of its own. */
function checkDataDir(): void {
  const [was, now] = [before, filesOf(DATA_DIR)];
  before = now; // told once
  expect(now, `a test wrote into ${DATA_DIR}`).to.deep.equal(was);
}

/** Hooks around all tests: mocha's `require` reads them. With `--parallel` the outer ones run for each file. */
export const mochaHooks = {
  beforeAll() {
    before = filesOf(DATA_DIR);
  },
  afterEach: checkDataDir,
  afterAll: checkDataDir,
};
