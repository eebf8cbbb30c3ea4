import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { Resolution } from '../../../core/config/resolved.ts';
import { installBuiltPackage } from './built-package.ts';
import { createBareProject, removeProjects, shortly } from './project.ts';

const TYPED = `import { defineConfig } from 'obs-kit';
import { serviceName } from './name.ts';

interface Unused {
  a: number;
}

export default defineConfig({
  service: { name: serviceName<string>('typed') },
  plugins: { own: './own.ts' },
});
`;

const FILES = {
  'obs.config.ts': TYPED,
  'throws.ts': `${TYPED}const a: number = 1;\nthrow new Error('no' + a);`,
  'syntax.ts': `${TYPED}const a: number = 1 oops;`,
  'script.js': TYPED.replace(/interface[^}]*}/, '').replace('<string>', ''),
  'name.ts': 'export const serviceName = <T,>(name: T): T => name;',
  'own.ts': `import { definePlugin } from 'obs-kit';
export const own = definePlugin({ name: 'own', apiVersion: 1, kind: 'exporter', signals: ['logs'], apply(): void {} });`,
};
const UNTYPED_PACKAGE = Object.fromEntries(
  Object.entries({ ...FILES, 'package.json': '{ "name": "loose" }' }).map(([name, text]) => [
    `loose/${name}`,
    text,
  ]),
);

const RESOLVE = `import { createRequire } from 'node:module';
import { resolveConfig } from 'obs-kit';
const cwd = import.meta.dirname;
const resolutions = [];
for (const file of process.argv.slice(2))
  resolutions.push(await resolveConfig({ cwd, env: file === 'search' ? {} : { OBS_CONFIG_FILE: file } }));
await resolveConfig({ cwd, config: {}, env: {} });
const modules = Object.keys(createRequire(import.meta.url).cache);
const hasSearched = modules.some((file) => file.includes('cosmiconfig'));
console.log(JSON.stringify({ resolutions, hasSearched }));`;

interface Output {
  resolutions: Resolution[];
  hasSearched: boolean;
}

/** Resolves configs in a process of its own, in which nothing but Node loads modules. */
async function resolveIn(project: string, ...files: string[]): Promise<Output> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(project, 'resolve.mjs'), ...files]);
  return JSON.parse(stdout);
}

describe('the published package in a plain process', () => {
  let project: string;
  let output: Output;

  before(async () => {
    project = createBareProject({ ...FILES, ...UNTYPED_PACKAGE, 'resolve.mjs': RESOLVE });
    await installBuiltPackage(project, ['zod', 'tapable', 'cosmiconfig', 'typescript']);
    output = await resolveIn(project, 'obs.config.ts', 'loose/obs.config.ts', 'throws.ts', 'syntax.ts');
  });
  after(removeProjects);

  for (const [index, name] of ['of ES modules', 'that does not say so'].entries())
    it(`loads a TypeScript config, what it imports, and a TypeScript plugin in a package ${name}`, () => {
      const { config, problems } = output.resolutions[index]!;
      expect(problems).to.deep.equal([]);
      expect(config.resource.serviceName).to.equal('typed');
      expect(config.plugins).to.have.lengthOf(1);
    });

  it('points at the line of a TypeScript config that throws', () => {
    expect(shortly(output.resolutions[2]!)).to.deep.equal([
      'throws.ts |  | OBS_CONFIG_LOAD | Error: no1 at throws.ts:13:7',
    ]);
  });

  it('points at a syntax error in TypeScript', () => {
    const [problem] = output.resolutions[3]!.problems;
    expect(problem!.code).to.equal('OBS_CONFIG_SYNTAX');
    expect(problem!.message).to.match(/ at syntax\.ts:12:\d+$/);
  });

  it('loads a JavaScript config that imports TypeScript, and cosmiconfig for a search only', async () => {
    expect(output.hasSearched).to.equal(false);
    const { resolutions, hasSearched } = await resolveIn(project, 'script.js', 'search');
    expect(resolutions.map(({ problems }) => problems)).to.deep.equal([[], []]);
    expect(resolutions[0]!.config.resource.serviceName).to.equal('typed');
    expect(hasSearched).to.equal(true);
  });

  it('says what to do where TypeScript cannot be read', async function () {
    if ('typescript' in process.features && process.features.typescript) return this.skip();
    rmSync(join(project, 'node_modules/typescript'));
    const [resolution] = (await resolveIn(project, 'obs.config.ts')).resolutions;
    const [problem] = resolution!.problems;
    expect(problem).to.deep.include({ code: 'OBS_CONFIG_TS', source: 'obs.config.ts' });
    expect(problem!.message).to.equal(
      "this Node does not read TypeScript by itself: Cannot find module 'typescript'",
    );
    expect(problem!.hint).to.include('typescript');
  });
});
