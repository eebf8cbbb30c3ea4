import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { resolveConfig } from '../../../core/config/resolve.ts';
import { createProject, QUIET, removeProjects, resolveProject, shortly } from './project.ts';

const exporting = (name: string) => `export default { service: { name: '${name}' } };`;

async function nameFrom(files: Record<string, string>, subdirectory = '.'): Promise<string> {
  const cwd = join(createProject(files), subdirectory);
  mkdirSync(cwd, { recursive: true });
  const resolution = await resolveConfig({ cwd, env: {}, surroundings: QUIET });
  expect(shortly(resolution)).to.deep.equal([]);
  return resolution.config.resource.serviceName;
}

describe('finding the config', () => {
  afterEach(removeProjects);

  const places: [string, string][] = [
    ['obs.config.ts', 'const name: string = "1"; export default { service: { name } };'],
    ['obs.config.mts', 'const name: string = "2"; export default { service: { name } };'],
    ['obs.config.js', exporting('3')],
    ['obs.config.mjs', exporting('4')],
    ['obs.config.cjs', 'module.exports = { service: { name: "5" } };'],
    ['obs.config.json', '{ "service": { "name": "6" } }'],
    ['obs.config.yaml', 'service:\n  name: "7"\n'],
    ['.config/obs.config.ts', exporting('8')],
    ['.config/obs.config.json', '{ "service": { "name": "9" } }'],
    ['package.json', '{ "name": "app", "type": "module", "obs": { "service": { "name": "10" } } }'],
  ];
  for (const [index, [place]] of places.entries())
    it(`takes ${place} before what comes after it`, async () => {
      expect(await nameFrom(Object.fromEntries(places.slice(index)))).to.equal(`${index + 1}`);
    });

  it('searches above, up to the project root and no further', async () => {
    const files = {
      'obs.config.mjs': exporting('root'),
      'packages/inner/package.json': '{ "name": "inner" }',
    };
    expect(await nameFrom(files, 'src/deep')).to.equal('root');
    expect(await nameFrom(files, 'packages/inner/src')).to.equal('inner');
  });

  it('takes OBS_CONFIG_FILE before any other, relative to the working directory', async () => {
    const files = { 'obs.config.mjs': exporting('found'), 'other/settings.mjs': exporting('asked') };
    const resolution = await resolveProject(files, { env: { OBS_CONFIG_FILE: 'other/settings.mjs' } });
    expect(resolution.config.resource.serviceName).to.equal('asked');
    expect(resolution.config.file).to.match(/other[\\/]settings\.mjs$/);
    expect(resolution.config.dataDir).to.match(/other[\\/]\.obs$/);
  });

  it('reports an OBS_CONFIG_FILE that does not exist', async () => {
    const resolution = await resolveProject(
      { 'obs.config.mjs': exporting('found') },
      { env: { OBS_CONFIG_FILE: 'no.mjs' } },
    );
    expect(shortly(resolution)).to.deep.equal([
      'OBS_CONFIG_FILE |  | OBS_CONFIG_NOT_FOUND | no.mjs does not exist',
    ]);
  });

  it('keeps data beside the config file, or at the root for one in .config', async () => {
    const cwd = createProject({ '.config/obs.config.mjs': exporting('x') });
    const { config } = await resolveConfig({ cwd, env: {} });
    expect(config.dataDir).to.equal(join(cwd, '.obs'));
    const moved = await resolveConfig({ cwd, env: {}, overrides: { dataDir: 'var/obs' } });
    expect(moved.config.dataDir).to.equal(join(cwd, 'var/obs'));
  });

  it('names the service after the nearest package that has a name', async () => {
    const files = { 'package.json': '{ "name": "app" }', 'sub/package.json': '{ "type": "module" }' };
    expect(await nameFrom({ ...files, 'sub/obs.config.mjs': 'export default {};' }, 'sub')).to.equal('app');
  });
});
