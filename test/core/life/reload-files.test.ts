import { execFile } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { BaseObservabilityInstance } from '../../../core/instance.ts';
import { createObs } from '../../../core/obs.ts';
import { installBuiltPackage } from '../config/built-package.ts';
import { createBareProject, createProject, removeProjects } from '../config/project.ts';

/** Files are as old as the system's clock says, which ticks every few milliseconds. */
const tick = () => new Promise((resolve) => setTimeout(resolve, 40));

const LOCAL_PLUGIN = `import { definePlugin } from 'obs-kit';
import { label } from './label.mjs';
globalThis.applied ??= [];
export default definePlugin({
  name: 'local', apiVersion: 1, kind: 'exporter', signals: ['logs'],
  apply(host) { globalThis.applied.push(host.key + ' ' + label); },
});`;

describe('reload of a config file', () => {
  const applied: string[] = [];
  let directory: string;
  let obs: BaseObservabilityInstance;
  const write = (name: string, text: string) => {
    // As editors do: the new file takes the place of the old one.
    writeFileSync(join(directory, `${name}~`), text);
    renameSync(join(directory, `${name}~`), join(directory, name));
  };
  async function start(files: Record<string, string>): Promise<void> {
    Object.assign(globalThis, { applied });
    applied.length = 0;
    directory = createProject(files);
    await tick();
    obs = await createObs(
      { handleSignals: false },
      { cwd: directory, env: {}, environment: 'test', warn: () => {} },
    );
  }
  afterEach(async () => {
    await obs.shutdown();
  });
  after(() => {
    Reflect.deleteProperty(globalThis, 'applied');
    removeProjects();
  });

  const forms: Record<string, (level: string) => string> = {
    'obs.config.mjs': (level) =>
      `export default { signals: { logs: { level: '${level}' } }, plugins: { json: 'json' } };`,
    'obs.config.cjs': (level) =>
      `module.exports = { signals: { logs: { level: '${level}' } }, plugins: { json: 'json' } };`,
    'obs.config.ts': (level) =>
      `const level: string = '${level}';\nexport default { signals: { logs: { level } }, plugins: { json: 'json' } };`,
    'obs.config.json': (level) =>
      `{ "signals": { "logs": { "level": "${level}" } }, "plugins": { "json": "json" } }`,
    'obs.config.yaml': (level) => `signals: { logs: { level: ${level} } }\nplugins: { json: json }`,
  };
  for (const [name, text] of Object.entries(forms)) {
    it(`reads ${name} anew each time, and leaves plugins of packages as they are`, async () => {
      await start({ [name]: text('error') });
      const emitted = () => {
        obs.logger.info('x');
        return obs.diagnostics().emitted.logs.count;
      };
      expect(emitted()).to.equal(0);
      for (const [level, count] of [
        ['info', 1],
        ['error', 1],
        ['debug', 2],
      ] as const) {
        write(name, text(level));
        expect(await obs.reload()).to.deep.equal({
          added: [],
          removed: [],
          changed: [],
          unchanged: ['json'],
          settings: ['signals.logs.level'],
        });
        expect(emitted(), level).to.equal(count);
      }
    });
  }

  it('runs a config anew though its file has not changed: it may look at something else', async () => {
    Object.assign(globalThis, { level: 'error' });
    await start({
      'obs.config.mjs': `export default { signals: { logs: { level: globalThis.level } }, plugins: {} };`,
    });
    Object.assign(globalThis, { level: 'info' });
    expect((await obs.reload()).settings).to.deep.equal(['signals.logs.level']);
    Reflect.deleteProperty(globalThis, 'level');
  });

  it('reads files that it imports by relative paths anew once they have changed, through others too', async () => {
    await start({
      'obs.config.mjs': `import local from './local.mjs';
import { options } from './options.cjs';
export default { ...options, plugins: { local } };`,
      'options.cjs': `exports.options = { service: { name: 'one' } };`,
      'local.mjs': LOCAL_PLUGIN,
      'label.mjs': `export const label = '1';`,
    });
    expect((await obs.reload()).unchanged).to.deep.equal(['local']);
    await tick();
    write('label.mjs', `export const label = '2';`);
    expect((await obs.reload()).changed).to.deep.equal(['local']);
    expect((await obs.reload()).unchanged).to.deep.equal(['local']);
    write('options.cjs', `exports.options = { service: { name: 'two' } };`);
    expect((await obs.reload()).changed).to.deep.equal(['local']);
    expect(applied).to.deep.equal(['local 1', 'local 2', 'local 2']);
  });

  it('reads a plugin given by its path anew once it has changed', async () => {
    const config = (level: string) =>
      `{ "signals": { "logs": { "level": "${level}" } }, "plugins": { "a": "./local.mjs" } }`;
    await start({
      'obs.config.json': config('info'),
      'local.mjs': LOCAL_PLUGIN,
      'label.mjs': `export const label = '1';`,
    });
    write('obs.config.json', config('debug'));
    expect((await obs.reload()).unchanged).to.deep.equal(['a']);
    await tick();
    write('label.mjs', `export const label = '2';`);
    expect((await obs.reload()).changed).to.deep.equal(['a']);
    expect(applied).to.deep.equal(['a 1', 'a 2']);
  });

  it('says where a module that was read again is wrong, and goes on as before', async () => {
    await start({ 'obs.config.mjs': `export default { plugins: { json: 'json' } };` });
    write('obs.config.mjs', `export default {\n  plugins: nothing(),\n};`);
    const error = await obs.reload().catch((thrown) => thrown);
    expect(
      error.problems.map(({ code, message }: { code: string; message: string }) => `${code} ${message}`),
    ).to.deep.equal(
      [
        `OBS_CONFIG_LOAD ReferenceError: nothing is not defined at ${join(directory, 'obs.config.mjs')}:2:12`,
      ].map((text) => text.replace(`${directory}/`, '')),
    );
    expect(Object.keys(obs.diagnostics().plugins)).to.deep.equal(['json']);
  });

  it('finds a file that was not there, and does without one that is gone', async () => {
    await start({});
    const { writeFile, rm } = await import('node:fs/promises');
    await writeFile(join(directory, 'obs.config.json'), '{ "plugins": { "json": "json" } }');
    expect((await obs.reload()).added).to.deep.equal(['json']);
    await rm(join(directory, 'obs.config.json'));
    expect((await obs.reload()).removed).to.deep.equal(['json']);
  });
});

describe('reload in a plain process', () => {
  after(removeProjects);

  it('reads a TypeScript config, and what it imports, anew with the loader of the package alone', async function () {
    this.timeout(60_000);
    const project = createBareProject({
      'name.ts': `export const name: string = 'one';`,
      'obs.config.ts': `import { name } from './name.ts';
import { json } from 'obs-kit/json';
export default { service: { name }, plugins: { json: json({ destination: 'events.jsonl' }) } };`,
      'app.mjs': `import { writeFileSync } from 'node:fs';
import { createObs } from 'obs-kit';
const obs = await createObs({}, { cwd: import.meta.dirname, env: {}, environment: 'test' });
const results = [];
for (const name of ['two', 'three']) {
  writeFileSync('name.ts', 'export const name: string = "' + name + '";');
  results.push((await obs.reload()).changed.join());
}
obs.bus.subscribe((event) => void results.push(event.correlation.serviceName));
obs.logger.info('x');
await obs.shutdown();
console.log(results.join(' '));`,
    });
    await installBuiltPackage(project, ['cosmiconfig', 'tapable', 'typescript', 'zod']);
    const { stdout } = await promisify(execFile)(process.execPath, ['app.mjs'], { cwd: project });
    expect(stdout).to.equal('json json three\n');
  });
});
