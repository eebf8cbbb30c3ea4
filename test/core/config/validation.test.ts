import { expect } from 'chai';
import { plain } from './example-plugins.ts';
import { removeProjects, resolveInline, resolveProject, shortly } from './project.ts';

const LEVELS = 'debug, info, warn, error, fatal';

describe('checking a config', () => {
  afterEach(removeProjects);

  const cases: [string, object, string[]][] = [
    [
      'unknown keys at every level',
      {
        enviroments: {},
        signals: { trace: true, logs: { lvl: 'info' } },
        plugins: { x: { use: plain, signal: ['logs'], delivery: { retry: { factr: 1 } } } },
      },
      [
        'signals.logs.lvl | OBS_CONFIG_UNKNOWN_KEY | unknown key "lvl" in signals.logs (did you mean "level"?)',
        'signals.trace | OBS_CONFIG_UNKNOWN_KEY | unknown key "trace" in signals (known: tracing, metrics, logs, scores, feedback)',
        'plugins.x.delivery.retry.factr | OBS_CONFIG_UNKNOWN_KEY | unknown key "factr" in plugins.x.delivery.retry (did you mean "factor"?)',
        'plugins.x.signal | OBS_CONFIG_UNKNOWN_KEY | unknown key "signal" in plugins.x (did you mean "signals"?)',
        'enviroments | OBS_CONFIG_UNKNOWN_KEY | unknown key "enviroments" (did you mean "environments"?)',
      ],
    ],
    [
      'values of the wrong type',
      {
        service: { name: '', version: 2, attributes: { zone: 1 } },
        signals: { tracing: { sample: 1.5 }, metrics: 'yes', logs: { level: 'wran', enabled: 1 } },
        capture: { content: 'no' },
        redact: { keys: 'password' },
        limits: { maxDepth: 0.5 },
        dataDir: 5,
        shutdownTimeoutMs: -1,
      },
      [
        'service.name | OBS_CONFIG_TYPE | expected a name, got string ("")',
        'service.version | OBS_CONFIG_TYPE | expected a string, got number (2)',
        'service.attributes.zone | OBS_CONFIG_TYPE | expected a string, got number (1)',
        'signals.tracing.sample | OBS_CONFIG_TYPE | expected a number from 0 to 1, got number (1.5)',
        'signals.metrics | OBS_CONFIG_TYPE | expected true, false or an object, got string ("yes")',
        'signals.logs.enabled | OBS_CONFIG_TYPE | expected true or false, got number (1)',
        `signals.logs.level | OBS_CONFIG_TYPE | expected one of ${LEVELS}, got string ("wran") (did you mean "warn"?)`,
        'capture.content | OBS_CONFIG_TYPE | expected true or false, got string ("no")',
        'redact.keys | OBS_CONFIG_TYPE | expected a list, got string ("password")',
        'limits.maxDepth | OBS_CONFIG_TYPE | expected an integer, got number (0.5)',
        'dataDir | OBS_CONFIG_TYPE | expected a path, got number (5)',
        'shutdownTimeoutMs | OBS_CONFIG_TYPE | expected a whole number of milliseconds, got number (-1)',
      ],
    ],
    [
      'settings of entries',
      {
        plugins: {
          a: { use: plain, enabled: 'yes', signals: ['log', 'metric'] },
          b: { use: plain, delivery: { maxItems: 0, whenFull: 'block' } },
          c: { use: plain, strategy: { logs: 'batched', log: 'batch' }, capture: true },
        },
      },
      [
        'plugins.a.signals.0 | OBS_CONFIG_TYPE | expected one of tracing, metrics, logs, scores, feedback, got string ("log") (did you mean "logs"?)',
        'plugins.a.signals.1 | OBS_CONFIG_TYPE | expected one of tracing, metrics, logs, scores, feedback, got string ("metric") (did you mean "metrics"?)',
        'plugins.a.enabled | OBS_CONFIG_TYPE | expected true or false, got string ("yes")',
        'plugins.b.delivery.maxItems | OBS_CONFIG_TYPE | expected at least 1, got number (0)',
        'plugins.b.delivery.whenFull | OBS_CONFIG_TYPE | expected one of drop-oldest, drop-newest, got string ("block")',
        'plugins.c.strategy.logs | OBS_CONFIG_TYPE | expected one of realtime, batch, batch-with-updates, insert-only, got string ("batched") (did you mean "batch"?)',
        'plugins.c.strategy.log | OBS_CONFIG_UNKNOWN_KEY | unknown key "log" in plugins.c.strategy (did you mean "logs"?)',
        'plugins.c.capture | OBS_CONFIG_TYPE | expected an object, got boolean (true)',
      ],
    ],
    [
      'parts that are no objects',
      { signals: 'all', plugins: [plain], environments: { development: 5 } },
      [
        'signals | OBS_CONFIG_TYPE | expected an object, got string ("all")',
        'plugins | OBS_CONFIG_TYPE | expected an object, got a list',
        'environments.development | OBS_CONFIG_TYPE | expected an object, got number (5)',
      ],
    ],
  ];
  for (const [name, config, expected] of cases)
    it(`reports ${name}`, async () => {
      expect(shortly(await resolveInline(config))).to.deep.equal(
        expected.map((line) => `inline config | ${line}`),
      );
    });

  it('reports a mistake of an overlay under the path at which it is written', async () => {
    const obs = { environments: { production: { signals: { logs: { level: 'loud' } } } } };
    const resolution = await resolveProject(
      { 'package.json': JSON.stringify({ name: 'app', obs }) },
      { environment: 'production' },
    );
    expect(shortly(resolution)).to.deep.equal([
      `package.json | obs.environments.production.signals.logs.level | OBS_CONFIG_TYPE | expected one of ${LEVELS}, got string ("loud")`,
    ]);
  });

  it('reports a mistake even where a stronger layer puts it right', async () => {
    const overrides = { signals: { logs: { level: 'warn' as const } } };
    const resolution = await resolveInline({ signals: { logs: { level: 'loud' } } }, { overrides });
    expect(resolution.problems).to.have.lengthOf(1);
    expect(resolution.config.signals.logs.level).to.equal('warn');
  });

  it('reports what is wrong with createObs() itself', async () => {
    expect(shortly(await resolveInline({}, { overrides: { environments: {} } as object }))).to.deep.equal([
      'createObs() | environments | OBS_CONFIG_UNKNOWN_KEY | unknown key "environments" (known: service, signals, capture, redact, limits, dataDir, deadLetters, shutdownTimeoutMs, handleSignals, watch, selfMetrics, plugins)',
    ]);
    expect(shortly(await resolveInline({}, { overrides: 'fast' as unknown as object }))).to.deep.equal([
      'createObs() |  | OBS_CONFIG_TYPE | expected an object, got string ("fast")',
    ]);
  });

  it('gives a complete config even when everything in it is wrong', async () => {
    const { config } = await resolveInline({
      service: 1,
      signals: 1,
      limits: 1,
      redact: 1,
      capture: 1,
      plugins: 1,
    });
    const { config: untouched } = await resolveInline({});
    expect(config).to.deep.equal(untouched);
  });

  it('refuses circular values, getters that throw, and endless depth', async () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    let deep: object = {};
    for (let level = 0; level < 100_000; level++) deep = { deep };
    const failing = Object.defineProperty({}, 'x', {
      enumerable: true,
      get() {
        throw new Error('canary');
      },
    });
    const resolution = await resolveInline({
      plugins: {
        a: { use: plain, options: circular },
        b: { use: plain, options: failing },
        c: { use: plain, options: deep, enabled: false },
      },
    });
    const seen = resolution.problems.map(({ code, path }) => `${code} ${path.slice(0, 25)}`);
    expect(seen).to.deep.equal([
      'OBS_CONFIG_TYPE plugins.a.options.self',
      'OBS_CONFIG_TYPE plugins.b.options.x',
      'OBS_CONFIG_TYPE plugins.c.options.deep.de',
    ]);
  });
});

describe('keys that reach prototypes', () => {
  afterEach(removeProjects);

  it('are refused at any depth and in any environment, and touch nothing', async () => {
    const text = `{
      "__proto__": { "polluted": 1 },
      "plugins": { "constructor": { "use": "json" }, "x": { "use": "json", "enabled": false, "options": { "a": [{ "__proto__": { "polluted": 1 } }] } } },
      "environments": { "staging": { "service": { "prototype": 1 } } }
    }`;
    expect(shortly(await resolveProject({ 'obs.config.json': text }))).to.deep.equal([
      'obs.config.json | __proto__ | OBS_CONFIG_FORBIDDEN_KEY | the key "__proto__" is not accepted',
      'obs.config.json | plugins.constructor | OBS_CONFIG_FORBIDDEN_KEY | the key "constructor" is not accepted',
      'obs.config.json | plugins.x.options.a.0.__proto__ | OBS_CONFIG_FORBIDDEN_KEY | the key "__proto__" is not accepted',
      'obs.config.json | environments.staging.service.prototype | OBS_CONFIG_FORBIDDEN_KEY | the key "prototype" is not accepted',
    ]);
    expect({}).to.not.have.property('polluted');
  });

  it('are refused in variables and in createObs()', async () => {
    const overrides = JSON.parse('{ "plugins": { "__proto__": { "use": "json" } } }');
    const resolution = await resolveInline({}, { env: { OBS_PLUGINS: '+__proto__' }, overrides });
    expect(resolution.problems.map(({ source, code }) => [source, code])).to.deep.equal([
      ['OBS_PLUGINS', 'OBS_CONFIG_FORBIDDEN_KEY'],
      ['createObs()', 'OBS_CONFIG_FORBIDDEN_KEY'],
    ]);
    expect({}).to.not.have.property('use');
  });

  it('do not include names that objects merely inherit, which are keys like any other', async () => {
    const config = {
      plugins: { toString: { use: plain, enabled: false } },
      service: { attributes: { valueOf: 'x' } },
    };
    const overrides = { plugins: { toString: { delivery: { maxItems: 3 } } } } as object;
    const { config: resolved, problems } = await resolveInline(config, { overrides });
    expect(problems).to.deep.equal([]);
    expect(resolved.plugins).to.deep.equal([
      { key: 'toString', enabled: false, name: 'plain', offBy: 'inline config' },
    ]);
    expect(resolved.resource.attributes).to.deep.equal({ valueOf: 'x' });
    expect(Object.keys(Object.prototype.toString)).to.deep.equal([]);
  });
});

describe('entries that no layer declares', () => {
  async function strays(config: object, overrides: object = {}): Promise<string[]> {
    return shortly(await resolveInline(config, { overrides }));
  }
  const plugins = { cloud: plain };

  it('are reported when they are switched, changed or removed', async () => {
    const change = { clod: { enabled: false }, clowd: { signals: ['logs'] }, loud: null };
    const line = (key: string) =>
      `inline config | environments.development.plugins.${key} | OBS_CONFIG_UNKNOWN_KEY | no entry "${key}" is declared (did you mean "cloud"?)`;
    expect(await strays({ plugins, environments: { development: { plugins: change } } })).to.deep.equal(
      Object.keys(change).map(line),
    );
  });

  it('are not reported on top of a mistake in what holds them', async () => {
    const environments = { development: { plugins: { cloud: { enabled: true } } } };
    expect(await strays({ plugins: [plain], environments })).to.deep.equal([
      'inline config | plugins | OBS_CONFIG_TYPE | expected an object, got a list',
    ]);
  });

  it('may be off or removed here when another environment declares them', async () => {
    const environments = {
      production: { plugins: { remote: plain } },
      development: { plugins: { remote: null } },
    };
    expect(await strays({ plugins: { remote: { enabled: false } }, environments })).to.deep.equal([]);
    expect(await strays({ environments }, { plugins: { remote: { enabled: false } } })).to.deep.equal([]);
  });

  it('are reported when they are on although only another environment declares them', async () => {
    const environments = { production: { plugins: { remote: plain } } };
    expect(await strays({ environments }, { plugins: { remote: { enabled: true } } })).to.deep.equal([
      'createObs() | plugins.remote | OBS_CONFIG_UNKNOWN_KEY | the entry "remote" is declared for other environments only',
    ]);
  });
});
