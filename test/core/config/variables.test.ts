import { expect } from 'chai';
import type { Environment } from '../../../core/config/reference.ts';
import { acme, plain } from './example-plugins.ts';
import { resolveInline, shortly } from './project.ts';

function signalsOn(env: Environment) {
  return resolveInline({ signals: { metrics: false } }, { env }).then(({ config }) =>
    Object.entries(config.signals).flatMap(([signal, { enabled }]) => (enabled ? [signal] : [])),
  );
}

async function refusal(env: Environment): Promise<string[]> {
  return shortly(await resolveInline({ plugins: { cloud: plain } }, { env }));
}

describe('variables', () => {
  for (const variable of ['OBS_DISABLED', 'OTEL_SDK_DISABLED'])
    it(`${variable} switches everything off, whatever the config says`, async () => {
      const config = { plugins: { a: 'no-such-plugin' }, nonsense: 1 };
      const resolution = await resolveInline(config, { env: { [variable]: 'true', OBS_LOG_LEVEL: 'x' } });
      expect(resolution.config).to.deep.include({ disabled: true, plugins: [] });
      expect(resolution.problems).to.deep.equal([]);
      expect(resolution.origins.get('disabled')).to.deep.equal([
        { layer: 'variable', source: variable, value: true },
      ]);
    });

  it('OBS_DISABLED=off and any other OTEL_SDK_DISABLED change nothing', async () => {
    const env = { OBS_DISABLED: 'off', OTEL_SDK_DISABLED: 'yes' };
    expect((await resolveInline({}, { env })).config.disabled).to.equal(false);
  });

  it('OBS_SIGNALS is the exact set of signals', async () => {
    expect(await signalsOn({ OBS_SIGNALS: 'metrics, logs' })).to.deep.equal(['metrics', 'logs']);
    expect(await signalsOn({ OBS_SIGNALS: '' })).to.deep.equal(['tracing', 'logs', 'scores', 'feedback']);
  });

  it('a switch of one signal wins over OBS_SIGNALS', async () => {
    const env = { OBS_SIGNALS: 'logs,scores', OBS_TRACING: 'on', OBS_LOGS: 'off' };
    expect(await signalsOn(env)).to.deep.equal(['tracing', 'scores']);
  });

  for (const signal of ['tracing', 'metrics', 'logs', 'scores', 'feedback'])
    it(`OBS_${signal.toUpperCase()} switches ${signal}`, async () => {
      const name = `OBS_${signal.toUpperCase()}`;
      expect(await signalsOn({ [name]: 'on' })).to.include(signal);
      expect(await signalsOn({ [name]: 'Off' })).to.not.include(signal);
    });

  it('OBS_LOG_LEVEL and OBS_SAMPLE_RATIO set their keys', async () => {
    const { config } = await resolveInline({}, { env: { OBS_LOG_LEVEL: 'WARN', OBS_SAMPLE_RATIO: '0.25' } });
    expect(config.signals.logs.level).to.equal('warn');
    expect(config.signals.tracing.sample).to.equal(0.25);
  });

  it('OBS_PLUGINS switches entries, those of createObs() too', async () => {
    const resolution = await resolveInline(
      { plugins: { a: plain, b: { use: acme, enabled: false } } },
      { env: { OBS_PLUGINS: '-a, +b,-c' }, overrides: { plugins: { c: plain } } },
    );
    expect(resolution.problems).to.deep.equal([]);
    expect(resolution.config.plugins.map(({ key, enabled }) => [key, enabled])).to.deep.equal([
      ['a', false],
      ['b', true],
      ['c', false],
    ]);
  });

  it('OTEL_SERVICE_NAME wins over OTEL_RESOURCE_ATTRIBUTES, which merge over those of the file', async () => {
    const env = {
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=low,service.version=1.2,team=a%2Cb,zone=x,',
      OTEL_SERVICE_NAME: 'high',
    };
    const config = { service: { name: 'file', attributes: { zone: 'file', kept: 'yes' } } };
    expect((await resolveInline(config, { env })).config.resource).to.deep.equal({
      serviceName: 'high',
      serviceVersion: '1.2',
      attributes: { zone: 'x', kept: 'yes', team: 'a,b' },
    });
  });

  const bad: [string, Environment, string[]][] = [
    [
      'a level that does not exist',
      { OBS_LOG_LEVEL: 'wran' },
      [
        'OBS_LOG_LEVEL | signals.logs.level | OBS_CONFIG_ENV_VALUE | OBS_LOG_LEVEL: expected one of debug, info, warn, error, fatal (did you mean "warn"?), got "wran"',
      ],
    ],
    [
      'a ratio above 1',
      { OBS_SAMPLE_RATIO: '2' },
      [
        'OBS_SAMPLE_RATIO | signals.tracing.sample | OBS_CONFIG_ENV_VALUE | OBS_SAMPLE_RATIO: expected a number from 0 to 1, got "2"',
      ],
    ],
    [
      'a switch that is neither on nor off',
      { OBS_TRACING: 'maybe', OBS_DISABLED: 'perhaps' },
      [
        'OBS_DISABLED | disabled | OBS_CONFIG_ENV_VALUE | OBS_DISABLED: expected on or off, got "perhaps"',
        'OBS_TRACING | signals.tracing.enabled | OBS_CONFIG_ENV_VALUE | OBS_TRACING: expected on or off, got "maybe"',
      ],
    ],
    [
      'a signal that does not exist',
      { OBS_SIGNALS: 'logs,traces' },
      [
        'OBS_SIGNALS | signals | OBS_CONFIG_ENV_VALUE | OBS_SIGNALS: expected a list of tracing, metrics, logs, scores, feedback, got "traces"',
      ],
    ],
    [
      'an entry without a sign',
      { OBS_PLUGINS: 'cloud' },
      [
        'OBS_PLUGINS | plugins | OBS_CONFIG_ENV_VALUE | OBS_PLUGINS: expected keys of entries, each with a sign, such as +cloud or -cloud, got "cloud"',
      ],
    ],
    [
      'an entry that does not exist',
      { OBS_PLUGINS: '+clould' },
      [
        'OBS_PLUGINS | plugins.clould | OBS_CONFIG_UNKNOWN_KEY | no entry "clould" is declared (did you mean "cloud"?)',
      ],
    ],
    [
      'resource attributes that are no pairs, without repeating them',
      { OTEL_RESOURCE_ATTRIBUTES: 'a=1,canary' },
      [
        'OTEL_RESOURCE_ATTRIBUTES | service | OBS_CONFIG_ENV_VALUE | OTEL_RESOURCE_ATTRIBUTES: expected key=value pairs, percent-encoded and separated by commas, got "…"',
      ],
    ],
    [
      'a name that is nearly that of a variable, but not a foreign one',
      { OBS_LOG_LEVLE: 'warn', OBS_STUDIO_HOME: 'x' },
      [
        'OBS_LOG_LEVLE |  | OBS_CONFIG_UNKNOWN_KEY | unknown variable OBS_LOG_LEVLE (did you mean "OBS_LOG_LEVEL"?)',
      ],
    ],
  ];
  for (const [name, env, expected] of bad)
    it(`refuses ${name}`, async () => {
      expect(await refusal(env)).to.deep.equal(expected);
    });

  it('sets nothing by a bad value', async () => {
    const { config } = await resolveInline({}, { env: { OBS_SAMPLE_RATIO: 'lots', OBS_SIGNALS: 'x' } });
    expect(config.signals.tracing).to.deep.equal({ enabled: true, sample: 1 });
  });

  it('says that an entry to be switched on was removed by an overlay', async () => {
    const config = { plugins: { a: plain }, environments: { development: { plugins: { a: null } } } };
    expect(shortly(await resolveInline(config, { env: { OBS_PLUGINS: '+a' } }))).to.deep.equal([
      'OBS_PLUGINS | plugins.a | OBS_CONFIG_UNKNOWN_KEY | the entry "a" was removed by environments.development',
    ]);
  });
});
