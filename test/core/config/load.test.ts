import { expect } from 'chai';
import { assertResolved, resolveConfig } from '../../../core/config/resolve.ts';
import { createProject, QUIET, removeProjects, resolveProject, shortly } from './project.ts';

describe('a config that cannot be loaded', () => {
  afterEach(removeProjects);

  const cases: [string, Record<string, string>, string][] = [
    [
      'throws, with the line that throws',
      { 'obs.config.mjs': '\nconst a = 1;\nthrow new Error("no " + a);' },
      'obs.config.mjs |  | OBS_CONFIG_LOAD | Error: no 1 at obs.config.mjs:3:7',
    ],
    [
      'throws in TypeScript, with the line that throws',
      {
        'obs.config.ts':
          'interface A {\n  a: number;\n}\nexport const a: A = { a: 1 };\nthrow new TypeError("no");',
      },
      'obs.config.ts |  | OBS_CONFIG_LOAD | TypeError: no at obs.config.ts:5:7',
    ],
    [
      'throws in a module that it imports, with the line there',
      {
        'obs.config.mjs': 'import "./part.mjs"; export default {};',
        'part.mjs': '\n throw new Error("no");',
      },
      'obs.config.mjs |  | OBS_CONFIG_LOAD | Error: no at part.mjs:2:8',
    ],
    [
      'throws what is no error',
      { 'obs.config.mjs': 'throw "no"' },
      'obs.config.mjs |  | OBS_CONFIG_LOAD | no was thrown',
    ],
    [
      'parses JSON that is none, with its own line',
      { 'obs.config.mjs': 'export default JSON.parse("{}}");' },
      'obs.config.mjs |  | OBS_CONFIG_LOAD | SyntaxError: Unexpected non-whitespace character after JSON at position 2 at obs.config.mjs:1:21',
    ],
    [
      'has a syntax error in an ES module',
      { 'obs.config.mjs': 'export default {\n  apiKey: "canary" oops,\n};' },
      "obs.config.mjs |  | OBS_CONFIG_SYNTAX | Unexpected identifier 'oops' at obs.config.mjs:2:20",
    ],
    [
      'has a syntax error in a CommonJS module',
      { 'obs.config.cjs': 'module.exports = {\n  apiKey: "canary" oops,\n};' },
      "obs.config.cjs |  | OBS_CONFIG_SYNTAX | Unexpected identifier 'oops' at obs.config.cjs:2:20",
    ],
    [
      'has a syntax error in JSON',
      { 'obs.config.json': '{\n  "service": { "name": "canary" oops }\n}' },
      'obs.config.json |  | OBS_CONFIG_SYNTAX | expected "," or "}" at obs.config.json:2:33',
    ],
    [
      'has a syntax error in YAML',
      { 'obs.config.yaml': 'service: [\n  canary\nplugins: x' },
      'obs.config.yaml |  | OBS_CONFIG_SYNTAX | bad indent at obs.config.yaml:3:1',
    ],
    [
      'exports nothing',
      { 'obs.config.mjs': 'export const config = {};' },
      'obs.config.mjs |  | OBS_CONFIG_EMPTY | expected a config object, got no default export (only config)',
    ],
    [
      'is an empty file',
      { 'obs.config.mjs': '' },
      'obs.config.mjs |  | OBS_CONFIG_EMPTY | expected a config object, got no default export',
    ],
    [
      'is an empty JSON file',
      { 'obs.config.json': '\n' },
      'obs.config.json |  | OBS_CONFIG_EMPTY | expected a config object, got nothing',
    ],
    [
      'is an empty YAML file',
      { 'obs.config.yaml': '# nothing\n' },
      'obs.config.yaml |  | OBS_CONFIG_EMPTY | expected a config object, got null',
    ],
    [
      'exports a function',
      { 'obs.config.mjs': 'export default () => ({});' },
      'obs.config.mjs |  | OBS_CONFIG_EMPTY | expected a config object, got a function',
    ],
    [
      'exports a promise',
      { 'obs.config.mjs': 'export default Promise.resolve({});' },
      'obs.config.mjs |  | OBS_CONFIG_EMPTY | expected a config object, got a promise',
    ],
    [
      'exports a list',
      { 'obs.config.json': '[]' },
      'obs.config.json |  | OBS_CONFIG_EMPTY | expected a config object, got a list',
    ],
    [
      'has obs in package.json that is no object',
      { 'package.json': '{ "name": "app", "obs": 5 }' },
      'package.json | obs | OBS_CONFIG_EMPTY | expected a config object, got number (5)',
    ],
  ];
  for (const [name, files, expected] of cases)
    it(name, async () => {
      const resolution = await resolveProject(files);
      // Node 22 and later add where in the text the JSON is wrong.
      const said = shortly(resolution).map((line) => line.replace(/ \(line \d+ column \d+\)/, ''));
      expect(said).to.deep.equal([expected]);
      expect(JSON.stringify(resolution.problems)).to.not.include('canary');
    });

  it('is told from one that asks for what is not installed', async () => {
    const files = { 'obs.config.mjs': 'import "no-such-package"; export default {};' };
    const [problem] = (await resolveProject(files)).problems;
    expect(problem!.code).to.equal('OBS_CONFIG_LOAD');
    expect(problem!.message).to.match(
      /^Error: Cannot find package 'no-such-package' imported from \S+obs\.config\.mjs$/,
    );
  });

  it('is not laid to whoever resolves it where a package that it imports throws', async () => {
    const resolution = await resolveProject({
      'obs.config.mjs': 'import "broken"; export default {};',
      'node_modules/broken/index.js': 'throw new Error("no")',
    });
    expect(shortly(resolution)).to.deep.equal(['obs.config.mjs |  | OBS_CONFIG_LOAD | Error: no']);
  });

  it('is told from one that asks a module for what it does not export', async () => {
    const files = {
      'obs.config.mjs': 'import { b } from "./a.mjs"; export default b;',
      'a.mjs': 'export const a = 1;',
    };
    const [problem] = (await resolveProject(files)).problems;
    expect(problem!.code).to.equal('OBS_CONFIG_LOAD');
    expect(problem!.message).to.include("does not provide an export named 'b'");
  });

  it('refuses a file of another kind', async () => {
    const resolution = await resolveProject({ 'obs.toml': '' }, { env: { OBS_CONFIG_FILE: 'obs.toml' } });
    expect(shortly(resolution)).to.deep.equal([
      'obs.toml |  | OBS_CONFIG_LOAD | expected one of .ts, .mts, .js, .mjs, .cjs, .json, .yaml, got a file that ends in ".toml"',
    ]);
  });

  it('hides neither the mistakes of other layers nor causes new ones', async () => {
    const resolution = await resolveProject(
      { 'obs.config.mjs': 'throw new Error("no")' },
      { env: { OBS_LOG_LEVEL: 'x', OBS_PLUGINS: '+cloud' }, overrides: { signls: {} } as object },
    );
    expect(resolution.problems.map(({ code, source }) => [source, code])).to.deep.equal([
      ['obs.config.mjs', 'OBS_CONFIG_LOAD'],
      ['OBS_LOG_LEVEL', 'OBS_CONFIG_ENV_VALUE'],
      ['createObs()', 'OBS_CONFIG_UNKNOWN_KEY'],
    ]);
  });

  it('is a problem, too, where the search itself fails', async () => {
    const before = process.cwd();
    process.chdir(createProject({ 'package.json': '{ "canary": oops }' }));
    try {
      expect(shortly(await resolveConfig({ env: {}, surroundings: QUIET }))).to.deep.equal([
        `package.json |  | OBS_CONFIG_LOAD | the search for a config failed: JSON Error in ${process.cwd()}/package.json:`,
      ]);
    } finally {
      process.chdir(before);
    }
  });

  it('is what the error of createObs() has as its cause', async () => {
    const resolution = await resolveProject({ 'obs.config.mjs': 'throw new RangeError("mine")' });
    const caught = (() => {
      try {
        assertResolved(resolution);
      } catch (error) {
        return error as Error & { code: string; problems: unknown };
      }
      return undefined;
    })();
    expect(caught).to.include({ code: 'OBS_CONFIG_INVALID' });
    expect(caught!.cause).to.be.instanceOf(RangeError);
    expect(caught!.problems).to.equal(resolution.problems);
    expect(caught!.message.split('\n')).to.deep.equal([
      'OBS_CONFIG_INVALID: 1 problem',
      '  obs.config.mjs: OBS_CONFIG_LOAD: RangeError: mine at obs.config.mjs:1:7 (Run the file on its own to see the failure; the cause is attached to this error.)',
    ]);
  });
});

describe('duplicate keys', () => {
  afterEach(removeProjects);

  it('are reported for JSON, all of them and with their places, and the rest is checked', async () => {
    const text = `{
      "service": { "name": "a", "name": "b" },
      "plugins": { "x": { "use": "json", "enabled": false }, "x": { "use": "json", "enabled": false } },
      "capture": { "content": 5 }
    }`;
    expect(shortly(await resolveProject({ 'obs.config.json': text }))).to.deep.equal([
      'obs.config.json | service.name | OBS_CONFIG_DUPLICATE_KEY | the key "name" is there a second time at obs.config.json:2:33',
      'obs.config.json | plugins.x | OBS_CONFIG_DUPLICATE_KEY | the key "x" is there a second time at obs.config.json:3:62',
      'obs.config.json | capture.content | OBS_CONFIG_TYPE | expected true or false, got number (5)',
    ]);
  });

  it('are reported for YAML', async () => {
    const text = 'service:\n  name: a\nservice:\n  name: b\n';
    expect(shortly(await resolveProject({ 'obs.config.yaml': text }))).to.deep.equal([
      'obs.config.yaml |  | OBS_CONFIG_DUPLICATE_KEY | duplicate key at obs.config.yaml:3:1',
    ]);
  });

  it('in package.json matter only in its obs part', async () => {
    const text = '{ "name": "app", "name": "app", "obs": { "dataDir": "a", "dataDir": "b" } }';
    expect(shortly(await resolveProject({ 'package.json': text }))).to.deep.equal([
      'package.json | obs.dataDir | OBS_CONFIG_DUPLICATE_KEY | the key "dataDir" is there a second time at package.json:1:58',
    ]);
  });
});
