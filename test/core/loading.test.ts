import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import * as z from 'zod';
import { BUILT_IN } from '../../core/config/plugin-module.ts';
import { installBuiltPackage } from './config/built-package.ts';
import { createBareProject, REPOSITORY, removeProjects } from './config/project.ts';

/** zod as it is, apart from its functions, which note their names in `globalThis.called`. */
function notingZod(): string {
  const url = JSON.stringify(pathToFileURL(join(REPOSITORY, 'node_modules/zod/index.js')));
  const names = Object.entries(z).flatMap(([name, value]) => (typeof value === 'function' ? name : []));
  const isClass = (name: string) => /^[$A-Z]/.test(name);
  const makers = names.filter((name) => !isClass(name));
  return [
    `import * as zod from ${url};`,
    `export * from ${url};`,
    'globalThis.called = [];',
    'const noting = (name) => (...args) => { called.push(name); return zod[name](...args); };',
    ...makers.map((name, i) => `const maker${i} = noting('${name}'); export { maker${i} as ${name} };`),
  ].join('\n');
}

/** What importing these made of zod, and which modules of Node it loaded. */
const LOOK = `import 'zod';
import 'tapable';
const before = new Set(process.moduleLoadList);
for (const name of process.argv.slice(2)) await import(name);
const loaded = process.moduleLoadList.filter((name) => !before.has(name)).map((name) => name.split(' ').at(-1));
console.log(JSON.stringify({ called, loaded }));`;

describe('loading the published package', () => {
  let project: string;

  before(async () => {
    project = createBareProject({
      'look.mjs': LOOK,
      'node_modules/zod/package.json': '{ "name": "zod", "type": "module", "exports": "./index.js" }',
      'node_modules/zod/index.js': notingZod(),
    });
    // Nothing else is there: an import of another package would fail.
    await installBuiltPackage(project, ['tapable']);
  });
  after(removeProjects);

  async function look(...names: string[]): Promise<{ called: string[]; loaded: string[] }> {
    const { stdout } = await promisify(execFile)(process.execPath, [join(project, 'look.mjs'), ...names]);
    return JSON.parse(stdout);
  }

  const among = (loaded: string[], ...names: string[]) => names.filter((name) => loaded.includes(name));

  it('makes no schema, and loads no module of Node that few processes need', async () => {
    const { called, loaded } = await look('obs-kit');
    expect(called).to.deep.equal([]);
    expect(among(loaded, 'crypto', 'zlib', 'worker_threads', 'http', 'net')).to.deep.equal([]);
    expect(among((await look('node:zlib')).loaded, 'crypto', 'zlib')).to.deep.equal(['zlib']);
  });

  it('makes the options of no plugin', async () => {
    const { called, loaded } = await look(...BUILT_IN.map((name) => `obs-kit/${name}`));
    expect(called).to.deep.equal(BUILT_IN.map(() => 'lazy'));
    expect(among(loaded, 'zlib', 'https')).to.deep.equal([]);
  });
});
