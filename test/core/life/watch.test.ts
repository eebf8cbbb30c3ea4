import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { BaseObservabilityInstance } from '../../../core/instance.ts';
import { createObs } from '../../../core/obs.ts';
import { installBuiltPackage } from '../config/built-package.ts';
import { createBareProject, createProject, removeProjects } from '../config/project.ts';
import { until } from './reloading.ts';

describe('watch', () => {
  const lines: string[] = [];
  let directory: string;
  let obs: BaseObservabilityInstance;
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
  const config = (plugins: string, watch = true) => `{ "watch": ${watch}, "plugins": { ${plugins} } }`;
  async function start(files: Record<string, string>): Promise<void> {
    lines.length = 0;
    directory = createProject(files);
    const warn = (line: string) => void lines.push(line);
    obs = await createObs({ handleSignals: false }, { cwd: directory, env: {}, environment: 'test', warn });
  }
  afterEach(async () => {
    await obs.shutdown();
  });
  after(removeProjects);

  it('reloads when the file is written, and when another one takes its place, and says what changed', async () => {
    await start({ 'obs.config.json': config('"a": "json"') });
    write('obs.config.json', config('"a": "json", "b": "json"'));
    await until(() => lines.length === 1);
    write(
      'obs.config.json~',
      config('"b": "json", "c": "json"').replace('{', '{ "signals": { "logs": false },'),
    );
    renameSync(join(directory, 'obs.config.json~'), join(directory, 'obs.config.json'));
    await until(() => lines.length === 2);
    expect(lines).to.deep.equal([
      'obs INFO the config was reloaded: added b; 1 unchanged',
      'obs INFO the config was reloaded: added c; removed a; settings signals.logs.enabled; 1 unchanged',
    ]);
  });

  it('says all problems of a config that is wrong, keeps the running one, and goes on watching', async () => {
    await start({ 'obs.config.json': config('"a": "json"') });
    write('obs.config.json', config('"a": "jsn", "b": 1'));
    await until(() => lines.length === 1);
    expect(lines[0]).to.match(
      /^obs ERROR the config was not reloaded, the one before stays in force: OBS_CONFIG_INVALID: 2 problems\n/,
    );
    expect(lines[0]).to.include('plugins.a').and.to.include('plugins.b');
    expect(Object.keys(obs.diagnostics().plugins)).to.deep.equal(['a']);
    write('obs.config.json', config('"b": "json"'));
    await until(() => lines.length === 2);
    expect(lines[1]).to.equal('obs INFO the config was reloaded: added b; removed a; 0 unchanged');
  });

  it('notices files that the config imports, and not what else happens beside it', async () => {
    await start({
      'obs.config.mjs': `import { plugins } from './parts/plugins.mjs';\nexport default { watch: true, plugins };`,
      'parts/plugins.mjs': `export const plugins = {};`,
    });
    for (let n = 0; n < 5; n++) {
      write('busy.log', `${n}`);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    expect(lines).to.deep.equal([]);
    write('parts/more.mjs', `export const plugins = { a: 'json' };`);
    write('parts/plugins.mjs', `export { plugins } from './more.mjs';`);
    await until(() => lines.length === 1);
    write('parts/more.mjs', `export const plugins = { a: 'json', b: 'json' };`);
    await until(() => lines.length === 2);
    write('busy.log', 'again');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(lines).to.deep.equal([
      'obs INFO the config was reloaded: added a; 0 unchanged',
      'obs INFO the config was reloaded: added b; 1 unchanged',
    ]);
  });

  it('notices plugins that are given by paths, also one that is corrected before it ever ran', async () => {
    const plugin = (text: string) => `import { definePlugin } from 'obs-kit';
export default definePlugin({ name: 'own', apiVersion: 1, kind: 'exporter', signals: [], apply() { ${text} } });`;
    await start({ 'obs.config.json': config('"own": "./own.mjs"'), 'own.mjs': plugin('') });
    write('own.mjs', plugin('let another;'));
    await until(() => lines.length === 1);
    write('other.mjs', plugin('mistake();'));
    write('obs.config.json', config('"own": "./own.mjs", "other": "./other.mjs"'));
    await until(() => lines.length === 2);
    write('other.mjs', plugin(''));
    await until(() => lines.length === 3);
    expect(lines.map((line) => line.split('\n')[0])).to.deep.equal([
      'obs INFO the config was reloaded: changed own; 0 unchanged',
      'obs ERROR the config was not reloaded, the one before stays in force: OBS_CONFIG_INVALID: 1 problem',
      'obs INFO the config was reloaded: added other; 1 unchanged',
    ]);
  });

  it('notices what was written after the config was read and before it was watched', async () => {
    await start({
      'obs.config.json': config('"a": "./late.mjs"'),
      'late.mjs': `import { writeFileSync } from 'node:fs';
import { definePlugin } from 'obs-kit';
export default definePlugin({
  name: 'late', apiVersion: 1, kind: 'exporter', signals: [],
  apply: () => writeFileSync(new URL('obs.config.json', import.meta.url), '${config('"b": "json"')}'),
});`,
    });
    await until(() => lines.length === 1);
    expect(lines).to.deep.equal(['obs INFO the config was reloaded: added b; removed a; 0 unchanged']);
  });

  it('goes on as before while the file is gone, says so, and reads it when it is back', async () => {
    await start({ 'obs.config.json': config('"a": "json"') });
    rmSync(join(directory, 'obs.config.json'));
    await until(() => lines.length === 1);
    expect(lines[0]).to.match(
      /^obs WARN .*obs\.config\.json is gone; what it said stays in force until it is back$/,
    );
    expect(Object.keys(obs.diagnostics().plugins)).to.deep.equal(['a']);
    write('obs.config.json', config('"b": "json"'));
    await until(() => lines.length === 2);
    expect(lines[1]).to.equal('obs INFO the config was reloaded: added b; removed a; 0 unchanged');
  });

  it('leaves no watch behind when the instance is shut down', async function () {
    const handles = '/proc/self/fdinfo';
    if (!existsSync(handles)) this.skip();
    const watched = () =>
      readdirSync(handles)
        .map((name) => existsSync(join(handles, name)) && readFileSync(join(handles, name), 'utf8'))
        .join()
        .split('inotify wd').length;
    const before = watched();
    await start({ 'obs.config.json': config('') });
    expect(watched()).to.be.above(before);
    await obs.shutdown();
    expect(watched()).to.equal(before);
  });

  it('is off unless asked for, and ends when the config says so, with the shutdown too', async () => {
    await start({ 'obs.config.json': config('"a": "json"') });
    write('obs.config.json', config('', false));
    await until(() => lines.length === 1);
    write('obs.config.json', config('"b": "json"'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(lines).to.have.length(1);
    await obs.reload();
    await obs.shutdown();
    write('obs.config.json', config(''));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(lines).to.have.length(1);
  });
});

describe('watch in a plain process', () => {
  after(removeProjects);

  it('does not keep the process alive', async function () {
    this.timeout(60_000);
    const project = createBareProject({
      'obs.config.json': '{ "watch": true, "plugins": {} }',
      'app.mjs': `import { createObs } from 'obs-kit';
await createObs({}, { cwd: import.meta.dirname, env: {} });
console.log('done');`,
    });
    await installBuiltPackage(project, ['cosmiconfig', 'tapable', 'zod']);
    const ended = await promisify(execFile)(process.execPath, ['app.mjs'], { cwd: project, timeout: 15_000 });
    expect(ended).to.deep.equal({ stdout: 'done\n', stderr: '' });
  });
});
