import { join } from 'node:path';
import { expect } from 'chai';
import type { ConfigLayer } from '../../../core/config/define.ts';
import type { Environment } from '../../../core/config/reference.ts';
import { resolveConfig } from '../../../core/config/resolve.ts';
import { surroundingsOf } from '../../../core/config/zero-config.ts';
import { plain } from './example-plugins.ts';
import { createProject, QUIET, removeProjects, shortly } from './project.ts';

describe('a process without a config', () => {
  afterEach(removeProjects);

  const WATCHED = { ...QUIET, hasTerminal: true };
  const table: [string, Environment, typeof QUIET, boolean][] = [
    ['on a terminal', {}, WATCHED, true],
    ['without one', {}, QUIET, false],
    ['with NODE_ENV=development', { NODE_ENV: 'development' }, QUIET, true],
    ['with OBS_ENV=development', { OBS_ENV: 'development', NODE_ENV: 'production' }, QUIET, true],
    ['in production, even on a terminal', { NODE_ENV: 'production' }, WATCHED, false],
    ['in CI, even with NODE_ENV=development', { NODE_ENV: 'development' }, { ...WATCHED, isCi: true }, false],
    ['in a container, even on a terminal', {}, { ...WATCHED, isContainer: true }, false],
    ['in CI with OBS_ENV=development', { OBS_ENV: 'development' }, { ...QUIET, isCi: true }, true],
    ['in production with OBS_PLUGINS=+local', { NODE_ENV: 'production', OBS_PLUGINS: '+local' }, QUIET, true],
    ['on a terminal with OBS_PLUGINS=-local', { OBS_PLUGINS: '-local' }, WATCHED, false],
  ];
  for (const [name, env, surroundings, isOn] of table)
    it(`${isOn ? 'keeps everything in DuckDB' : 'keeps nothing'} ${name}`, async () => {
      const cwd = createProject();
      const resolution = await resolveConfig({ cwd, env, surroundings });
      expect(shortly(resolution)).to.deep.equal([]);
      const [entry, ...others] = resolution.config.plugins;
      expect(others).to.deep.equal([]);
      expect(entry).to.include({ key: 'local', enabled: isOn });
      if (entry?.enabled) {
        expect(entry.plugin.name).to.equal('duckdb');
        expect(entry.options).to.include({ path: join(cwd, '.obs/obs.duckdb') });
      }
    });

  it('says why nothing is kept', async () => {
    const surroundings = { ...WATCHED, isCi: true };
    const { config } = await resolveConfig({ cwd: createProject(), env: {}, surroundings });
    expect(config.plugins).to.deep.equal([
      { key: 'local', enabled: false, name: 'duckdb', offBy: 'built-in (no config file, CI)' },
    ]);
  });

  async function keys(overrides: ConfigLayer, files = {}): Promise<string[]> {
    const options = { cwd: createProject(files), env: {}, surroundings: WATCHED, overrides };
    const resolution = await resolveConfig(options);
    expect(shortly(resolution)).to.deep.equal([]);
    return resolution.config.plugins.map(({ key, enabled }) => `${enabled ? '+' : '-'}${key}`);
  }

  it('keeps events that a destination refused only where it keeps events at all, or is asked to', async () => {
    const keeps = async (env: Environment, overrides: ConfigLayer = {}, files = {}) => {
      const options = { cwd: createProject(files), env, surroundings: WATCHED, overrides };
      return (await resolveConfig(options)).config.deadLetters;
    };
    expect(await keeps({})).to.equal(true);
    const production = { NODE_ENV: 'production' };
    expect(await keeps(production)).to.equal(false);
    expect(await keeps(production, { service: { name: 'x' } })).to.equal(false);
    expect(await keeps(production, { deadLetters: true })).to.equal(true);
    expect(await keeps(production, { plugins: { mine: plain } })).to.equal(true);
    expect(await keeps(production, {}, { 'obs.config.mjs': 'export default {};' })).to.equal(true);
    const off = { 'obs.config.mjs': 'export default { deadLetters: false };' };
    expect(await keeps({}, {}, off)).to.equal(false);
  });

  it('still counts as one where createObs() declares no entry', async () => {
    expect(await keys({ service: { name: 'x' } })).to.deep.equal(['+local']);
    expect(await keys({ plugins: { local: { enabled: false } } })).to.deep.equal(['-local']);
    expect(await keys({ plugins: { local: null } })).to.deep.equal(['-local']);
  });

  it('does not count as one where createObs() declares entries, or none on purpose', async () => {
    expect(await keys({ plugins: { mine: plain } })).to.deep.equal(['+mine']);
    expect(await keys({ plugins: {} })).to.deep.equal([]);
  });

  it('does not count as one where there is a file, whatever is in it', async () => {
    expect(await keys({}, { 'obs.config.mjs': 'export default {};' })).to.deep.equal([]);
  });

  it('keeps the file in the data directory that createObs() names', async () => {
    const cwd = createProject();
    const options = { cwd, env: {}, surroundings: WATCHED, overrides: { dataDir: 'var' } };
    const [entry] = (await resolveConfig(options)).config.plugins;
    expect(entry?.enabled && entry.options).to.include({ path: join(cwd, 'var/obs.duckdb') });
  });
});

describe('surroundings', () => {
  it('are read from the variables that CI services and orchestrators set', () => {
    expect(surroundingsOf({ CI: 'true' }).isCi).to.equal(true);
    expect(surroundingsOf({ GITHUB_ACTIONS: '1' }).isCi).to.equal(true);
    expect(surroundingsOf({ CI: 'false' }).isCi).to.equal(false);
    expect(surroundingsOf({}).isCi).to.equal(false);
    expect(surroundingsOf({ KUBERNETES_SERVICE_HOST: '10.0.0.1' }).isContainer).to.equal(true);
  });
});
