import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { buildPackage } from '../kit/built-package.ts';
import { startFaultServer } from '../kit/fault-server.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/writing-a-plugin.md'), 'utf8');
const EXAMPLE = ['package.json', 'tsconfig.json', 'src/index.ts', 'src/index.test.ts'];

/** The files that the page shows, by their names: above a block of JSON, in the first line of one of TypeScript. */
const files = new Map([
  ...[...PAGE.matchAll(/`(\S+\.json)`:\n\n```json\n([\s\S]*?)```/g)].map(
    ([, name, text]) => [name!, text!] as const,
  ),
  ...[...PAGE.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)].map(([, name, text]) => [name!, text!] as const),
]);
const commands = [...PAGE.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text]) => text!.trim());

const execute = promisify(execFile);
const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;

/** An empty folder, in which the named packages are what `npm install` would have put there. */
function folder(name: string, packages: Record<string, string>): string {
  const dir = join(realpathSync(mkdtempSync(join(tmpdir(), 'obs-plugin-'))), name);
  for (const [installed, from] of Object.entries(packages)) {
    const to = join(dir, 'node_modules', installed);
    mkdirSync(dirname(to), { recursive: true });
    symlinkSync(from, to, 'junction');
  }
  return dir;
}

function write(dir: string, names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), files.get(name)!);
  }
}

describe('a plugin of its own, as docs/writing-a-plugin.md makes it', function () {
  this.timeout(120_000);
  const own = (name: string) => join(ROOT, 'node_modules', name);
  let dir: string;
  let app: string;

  before(async () => {
    const built = await buildPackage();
    const packages = { 'obs-kit': built, zod: own('zod') };
    dir = folder('plugin', { ...packages, typescript: own('typescript'), '@types/node': own('@types/node') });
    app = folder('app', { ...packages, 'ts-node': own('ts-node'), typescript: own('typescript') });
  });
  after(() => {
    for (const made of [dir, app]) rmSync(dirname(made), { recursive: true, force: true });
  });

  it('is what examples/third-party-plugin holds', () => {
    expect([...files.keys()]).to.deep.equal([...EXAMPLE, 'obs.config.ts', 'app.ts']);
    for (const name of EXAMPLE)
      expect(files.get(name), name).to.equal(
        readFileSync(join(ROOT, 'examples/third-party-plugin', name), 'utf8'),
      );
    expect(commands).to.deep.equal(['npm install', 'npm test', 'npm pack']);
  });

  it('passes the checks of the kit', async () => {
    write(dir, EXAMPLE);
    cpSync(join(ROOT, 'examples/third-party-plugin/README.md'), join(dir, 'README.md'));
    // Without looking at types: those of the package are made by a whole build. Types are the matter of test/docs.test.ts.
    const compiler = own('typescript/bin/tsc');
    await execute(process.execPath, [compiler, '--noCheck', '--declaration', 'false'], { cwd: dir });
    const { scripts } = JSON.parse(files.get('package.json')!);
    expect(scripts.test).to.equal('tsc && node --test dist/index.test.js');
    const { stdout } = await execute(
      process.execPath,
      ['--test', '--test-reporter=tap', 'dist/index.test.js'],
      {
        cwd: dir,
        env,
      },
    ).catch((error) => error);
    expect(stdout, stdout).to.match(/^# fail 0$/m);
    expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).to.be.above(15);
  });

  it('is packed without its tests, and delivers to where an application says', async () => {
    const { stdout } = await execute('npm', ['pack', '--json', '--ignore-scripts'], { cwd: dir, env });
    const [{ filename, files: packed }] = JSON.parse(stdout);
    expect(packed.map(({ path }: { path: string }) => path).sort()).to.deep.equal([
      'README.md',
      'dist/index.js',
      'package.json',
    ]);
    const installed = join(app, 'node_modules/obs-plugin-webhook');
    mkdirSync(installed);
    await execute('tar', ['-xzf', join(dir, filename), '--strip-components=1', '-C', installed]);

    writeFileSync(join(app, 'package.json'), '{ "name": "app", "private": true, "type": "module" }');
    const compilerOptions = { module: 'nodenext', target: 'es2022' };
    writeFileSync(
      join(app, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, 'ts-node': { transpileOnly: true } }),
    );
    write(app, ['obs.config.ts', 'app.ts']);
    const server = await startFaultServer();
    try {
      const run = (args: string[], more: object) =>
        execute(process.execPath, args, { cwd: app, env: { ...env, HOOK_URL: server.url, ...more } });
      await run(['--import', join(ROOT, 'test/register.mjs'), 'app.ts'], {});
      const data = { plugins: { hook: { use: 'webhook', options: { url: server.url, token: 'abc' } } } };
      writeFileSync(join(app, 'data.json'), JSON.stringify(data));
      writeFileSync(join(app, 'app.mjs'), files.get('app.ts')!);
      await run(['app.mjs'], { OBS_CONFIG_FILE: 'data.json' });
      const scores = server.requests.map(({ body }) => JSON.parse(body.toString())[0].score);
      expect(scores).to.deep.equal([
        { scorerId: 'politeness', score: 1 },
        { scorerId: 'politeness', score: 1 },
      ]);
      expect(server.requests[1]?.headers.authorization).to.equal('Bearer abc');
    } finally {
      await server.close();
    }
  });
});
