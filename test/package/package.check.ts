import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { build } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '../..');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const run = promisify(execFile);

async function install(cwd: string, ...what: string[]): Promise<void> {
  const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts'];
  await run('npm', ['install', ...what, ...flags], { cwd });
}

/** What runs the package: this Node, and the other two that are supported, fetched from the registry. */
const NODES = ['node@20.20.2', 'node@22.23.3', 'node@24.21.0'];

const VITEST = `import { memory } from 'obs-kit/memory';
import { storeCases } from 'obs-kit/testing';
import { test } from 'vitest';

for (const { name, skip, run } of storeCases({ use: () => memory() }))
  test.skipIf(skip !== undefined)(name, run);
`;

const CALLERS: Record<string, string> = {
  'app.mjs': `import { createObs, defineConfig, definePlugin } from 'obs-kit';
import * as all from './entries.mjs';
import { json } from 'obs-kit/json';
const obs = await createObs({ plugins: { out: json({ destination: 'stdout' }) } });
obs.logger.info('from ESM');
await obs.shutdown();
if (typeof defineConfig !== 'function' || typeof definePlugin !== 'function' || all.count < 10) process.exit(1);
`,
  'app.cjs': `const { createObs } = require('obs-kit');
const { json } = require('obs-kit/json');
createObs({ plugins: { out: json({ destination: 'stdout' }) } }).then(async (obs) => {
  obs.logger.info('from CJS');
  await obs.shutdown();
});
`,
  // Stripped by Node itself where it can; compiled by tsc everywhere.
  'app.mts': `import { createObs, type LogEvent } from 'obs-kit';
import { json } from 'obs-kit/json';
import { duckdb } from 'obs-kit/duckdb';
import { redact } from 'obs-kit/redact';
const levelOf = (event: LogEvent): string => event.record.level;
const obs = await createObs({
  plugins: {
    out: { use: json({ destination: 'stdout' }), processors: [redact({ keys: ['email'] })] },
    off: { use: duckdb(), enabled: false },
  },
});
obs.logger.info('from TS', { email: 'ada@example.org' });
await obs.shutdown();
export type Level = ReturnType<typeof levelOf>;
`,
  'wrong.mts': `import { json } from 'obs-kit/json';
// @ts-expect-error there is no such option
json({ destinaton: 'stdout' });
`,
};

describe('the packed package', () => {
  let dir: string;
  let tarball: string;
  let files: string[];

  before(async () => {
    dir = realpathSync(mkdtempSync(join(tmpdir(), 'obs-package-')));
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', dir], {
      cwd: ROOT,
      maxBuffer: 64e6,
    });
    const [packed] = JSON.parse(stdout.slice(stdout.indexOf('[')));
    tarball = join(dir, packed.filename);
    files = packed.files.map(({ path }: { path: string }) => path);
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('holds what it must and nothing else', () => {
    const allowed =
      /^(package\.json|README\.md|LICENSE|dist\/config\.schema\.json|dist\/plugins\/(otel|redact)\/THIRD-PARTY\.txt|dist\/(core|plugins|cli|test\/kit)\/[\w/.-]+\.(d\.ts|js|js\.map))$/;
    expect(files.filter((file) => !allowed.test(file))).to.deep.equal([]);
    expect(files).to.include.members([
      'package.json',
      'README.md',
      'LICENSE',
      'dist/config.schema.json',
      'dist/cli/index.js',
    ]);
    for (const entry of Object.values<string | { types: string; default: string }>(manifest.exports))
      for (const file of typeof entry === 'string' ? [entry] : [entry.types, entry.default])
        expect(files).to.include(file.replace('./', ''));
  });

  it('runs nothing when it is installed, and asks for few packages', () => {
    expect(Object.keys(manifest.scripts)).not.to.include.members([
      'preinstall',
      'install',
      'postinstall',
      'prepare',
    ]);
    expect(Object.keys(manifest.dependencies)).to.deep.equal([
      'commander',
      'cosmiconfig',
      'tapable',
      'yaml',
      'zod',
    ]);
    expect(Object.keys(manifest.optionalDependencies)).to.deep.equal(['@duckdb/node-api']);
  });

  it('has a manifest without mistakes', async () => {
    const { stdout } = await run('npx', ['publint', 'run', tarball, '--strict'], { cwd: ROOT });
    expect(stdout).to.include('All good!');
  });

  it('has types that resolve in ESM and in bundlers', async () => {
    // Without the entry package.json, which has no types. esm-only: old resolution, which knows no exports, is not
    // supported; what CommonJS gets is an ES module, which the Nodes that are supported can require.
    const { stdout } = await run('npx', ['attw', tarball, '--profile', 'esm-only', '--format', 'json'], {
      cwd: ROOT,
      maxBuffer: 64e6,
    }).catch((error) => error);
    const { problems = {}, analysis } = JSON.parse(stdout);
    const kinds = Object.keys(problems).filter(
      (kind) => !['NoResolution', 'CJSResolvesToESM'].includes(kind),
    );
    expect(kinds).to.deep.equal([]);
    const old = (problems.NoResolution ?? []).map(
      ({ resolutionKind }: { resolutionKind: string }) => resolutionKind,
    );
    expect(new Set(old)).to.deep.equal(new Set(['node10']));
    expect(Object.keys(analysis.entrypoints)).to.have.length(Object.keys(manifest.exports).length);
  });

  describe('installed', () => {
    let project: string;

    before(async () => {
      project = join(dir, 'project');
      mkdirSync(project);
      writeFileSync(join(project, 'package.json'), '{ "name": "app", "private": true }');
      const names = Object.keys(manifest.exports).filter((name) => !/package\.json|worker/.test(name));
      const imports = names.map((name, i) => `import * as e${i} from 'obs-kit${name.slice(1)}';`);
      const count = `export const count = [${names.map((_, i) => `e${i}`).join()}].filter((e) => Object.keys(e).length > 0).length;`;
      for (const [file, text] of Object.entries({
        ...CALLERS,
        'entries.mjs': [...imports, count].join('\n'),
      }))
        writeFileSync(join(project, file), text);
      await install(project, tarball);
      const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
      const flags = [
        '--module',
        'nodenext',
        '--target',
        'es2022',
        '--strict',
        '--types',
        'node',
        '--typeRoots',
        join(ROOT, 'node_modules/@types'),
        '--outDir',
        'compiled',
      ];
      await run(process.execPath, [compiler, ...flags, 'app.mts', 'wrong.mts'], { cwd: project }).catch(
        ({ stdout }) => expect.fail(stdout),
      );
    });

    for (const node of NODES)
      it(`runs on ${node} for callers in ESM, CommonJS and TypeScript`, async () => {
        const binary = await binaryOf(node);
        const start = (script: string) => run(binary, [script], { cwd: project, env: plain });
        for (const [script, message] of [
          ['app.mjs', 'from ESM'],
          ['app.cjs', 'from CJS'],
          ['compiled/app.mjs', 'from TS'],
        ] as const) {
          const { stdout, stderr } = await start(script);
          expect(JSON.parse(stdout)).to.have.nested.property('record.message', message);
          // The one line of Node 22.12 about require() of an ES module is Node's.
          expect(stderr.replace(/.*ExperimentalWarning.*\n.*--trace-warnings.*\n/, '')).to.equal('');
        }
      });

    it('has a command line, and a schema that a config may name', async () => {
      const config = { $schema: 'node_modules/obs-kit/dist/config.schema.json', plugins: { out: 'json' } };
      writeFileSync(join(project, 'obs.config.json'), JSON.stringify(config));
      const { stdout } = await run('npx', ['obs', 'check', '--no-json'], { cwd: project, env: plain });
      expect(stdout).to.match(/^ok {2}development {2}obs\.config\.json/);
      expect(JSON.parse(readFileSync(join(project, config.$schema), 'utf8')).title).to.equal(
        'Config of obs-kit',
      );
    });

    it('brings checks that vitest runs', async function () {
      this.timeout(900_000);
      const vitest = join(dir, 'vitest');
      mkdirSync(vitest);
      writeFileSync(join(vitest, 'package.json'), '{ "name": "app", "private": true, "type": "module" }');
      writeFileSync(join(vitest, 'store.test.mjs'), VITEST);
      await install(vitest, tarball, 'vitest@3.2.4');
      const report = ['--reporter=json', '--outputFile=report.json'];
      await run('npx', ['vitest', 'run', ...report], { cwd: vitest, env: plain }).catch(({ stderr }) =>
        expect.fail(stderr),
      );
      const { numPassedTests, numFailedTests } = JSON.parse(
        readFileSync(join(vitest, 'report.json'), 'utf8'),
      );
      expect(numFailedTests).to.equal(0);
      expect(numPassedTests).to.be.above(100);
    });

    it('is enough for a plugin of its own to be compiled, checked and packed', async () => {
      const plugin = join(dir, 'plugin');
      cpSync(join(ROOT, 'examples/third-party-plugin'), plugin, { recursive: true });
      await install(plugin, '--save-dev', `file:${tarball}`);
      await run('npm', ['test'], { cwd: plugin, env: plain, maxBuffer: 64e6 }).catch(({ stdout }) =>
        expect.fail(stdout),
      );
      const { stdout } = await run('npm', ['pack', '--json', '--dry-run', '--ignore-scripts'], {
        cwd: plugin,
      });
      expect(JSON.parse(stdout)[0].files.map(({ path }: { path: string }) => path)).to.have.members([
        'README.md',
        'dist/index.d.ts',
        'dist/index.js',
        'package.json',
      ]);
    });

    it('leaves out of a bundle what is not used', async () => {
      const bundled = async (contents: string) => {
        const { outputFiles, metafile } = await build({
          stdin: { contents, resolveDir: project },
          bundle: true,
          write: false,
          metafile: true,
          minify: true,
          platform: 'node',
          format: 'esm',
          external: ['@duckdb/node-api', 'typescript'],
        });
        return { bytes: outputFiles[0]!.contents.length, inputs: Object.keys(metafile.inputs).join('\n') };
      };
      const one = await bundled(`import { definePlugin } from 'obs-kit'; console.log(definePlugin({}));`);
      expect(one.inputs).not.to.match(/plugins\/|duckdb|otlp|commander/);
      const used = await bundled(`import { createObs } from 'obs-kit'; console.log(createObs());`);
      expect(one.bytes).to.be.below(used.bytes * 0.75);
    });
  });
});

const { NODE_OPTIONS: _, ...plain } = process.env;

/** The path of a Node of this version: this one, or one that npx fetches. */
async function binaryOf(node: string): Promise<string> {
  if (node === `node@${process.versions.node}`) return process.execPath;
  return (await run('npx', ['--yes', node, '-p', 'process.execPath'], { env: plain })).stdout.trim();
}
