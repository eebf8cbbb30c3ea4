import { expect } from 'chai';
import { assertResolved, problemSource } from '../../../core/index.ts';
import { resolveProject } from './project.ts';

const JSON_TEXT = `{
  "servce": {},
  "signals": { "logs": { "level": "loud" } },
  "plugins": {
    "a": { "use": "json", "options": { "rotate": {
      "maxFiles": -1 } } },
    "b": "nowhere",
    "c": { "use": "json", "signals": [
      "logs", "traces"] }
  },
  "environments": { "test": {
    "dataDir": 5
  } }
}`;

const YAML_TEXT = `servce: {}
signals: { logs: { level: loud } }
plugins:
  a:
    use: json
    options: &options
      rotate:
        maxFiles: -1
  b: nowhere
  c:
    use: json
    signals:
      - logs
      - traces
environments:
  test:
    dataDir: 5
`;

async function placesIn(file: string, text: string): Promise<string[]> {
  const { problems } = await resolveProject({ [file]: text }, { environment: 'test' });
  return problems.map((problem) => `${problemSource(problem)} ${problem.path}`);
}

describe('a problem of a config that is data', () => {
  it('says line and column in JSON', async () => {
    expect(await placesIn('obs.config.json', JSON_TEXT)).to.have.members([
      'obs.config.json:2:3 servce',
      'obs.config.json:3:26 signals.logs.level',
      'obs.config.json:9:15 plugins.c.signals.1',
      'obs.config.json:12:5 environments.test.dataDir',
      'obs.config.json:6:7 plugins.a.options.rotate.maxFiles',
      'obs.config.json:7:5 plugins.b.use',
    ]);
  });

  it('says line and column in YAML', async () => {
    expect(await placesIn('obs.config.yaml', YAML_TEXT)).to.have.members([
      'obs.config.yaml:1:1 servce',
      'obs.config.yaml:2:20 signals.logs.level',
      'obs.config.yaml:14:9 plugins.c.signals.1',
      'obs.config.yaml:17:5 environments.test.dataDir',
      'obs.config.yaml:8:9 plugins.a.options.rotate.maxFiles',
      'obs.config.yaml:9:3 plugins.b.use',
    ]);
  });

  it('says where it is in a package.json too', async () => {
    const text = '{\n  "name": "app",\n  "obs": {\n    "servce": {}\n  }\n}';
    expect(await placesIn('package.json', text)).to.deep.equal(['package.json:4:5 obs.servce']);
  });

  it('has the place in the error that createObs() throws, and none in a module', async () => {
    const resolution = await resolveProject({ 'obs.config.json': '{\n  "servce": {} }' });
    expect(() => assertResolved(resolution)).to.throw('obs.config.json:2:3: servce: OBS_CONFIG_UNKNOWN_KEY');
    expect(await placesIn('obs.config.mjs', 'export default { servce: {} };')).to.deep.equal([
      'obs.config.mjs servce',
    ]);
  });

  it('follows aliases and merge keys of YAML, and never expands them without end', async () => {
    const text = 'base: &base\n  use: json\nplugins:\n  a:\n    <<: *base\n    optoins: {}\n';
    expect(await placesIn('obs.config.yaml', text)).to.deep.equal([
      'obs.config.yaml:6:5 plugins.a.optoins',
      'obs.config.yaml:1:1 base',
    ]);
    const alias =
      'plugins:\n  a: { use: nowhere, options: &same { b: 1 } }\n  c:\n    use: json\n    options: *same\n';
    expect(await placesIn('obs.config.yaml', alias)).to.include('obs.config.yaml:2:39 plugins.c.options.b');
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
      .split('')
      .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[i]}`)}]`)
      .join('\n')}`;
    const { problems } = await resolveProject({ 'obs.config.yaml': bomb });
    expect(problems[0]).to.deep.include({
      code: 'OBS_CONFIG_SYNTAX',
      message: 'an alias cannot be resolved',
    });
  });
});
