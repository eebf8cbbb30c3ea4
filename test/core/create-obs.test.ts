import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect } from 'chai';
import * as z from 'zod';
import type { ConfigError } from '../../core/config/assert-resolved.ts';
import type { ConfigLayer, ObsConfig } from '../../core/config/define.ts';
import { definePlugin } from '../../core/contract/plugin.ts';
import { type CreateObsContext, createObs } from '../../core/obs.ts';
import { createRecording } from '../kit/recording.ts';
import { NEVER } from './delivery/deliver.ts';
import { MemoryStore } from './memory-store.ts';
import { pluginOf } from './plugins.ts';

const QUIET = { hasTerminal: false, isCi: false, isContainer: false };

describe('createObs', () => {
  let cwd: string;
  let listeners: number;
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'obs-create-'));
    listeners = process.listenerCount('beforeExit');
  });
  afterEach(() => {
    rmSync(cwd, { recursive: true, force: true });
    expect(process.listenerCount('beforeExit')).to.equal(listeners);
  });

  const context = (config?: ObsConfig, more: CreateObsContext = {}): CreateObsContext => ({
    cwd,
    env: {},
    surroundings: QUIET,
    warn: () => {},
    ...(config && { config }),
    ...more,
  });

  async function failure(config: ObsConfig, overrides: ConfigLayer = {}): Promise<ConfigError> {
    try {
      await createObs(overrides, context(config));
    } catch (error) {
      return error as ConfigError;
    }
    throw new Error('the config was accepted');
  }

  it('runs the plugins of the config on what the application emits', async () => {
    const recording = createRecording({ through: 'deliver' });
    const store = new MemoryStore();
    const obs = await createObs(
      {},
      context({
        service: { name: 'bot' },
        plugins: {
          recording: recording.plugin,
          memory: pluginOf((host) => host.registerStore(store), { kind: 'store' }),
        },
      }),
    );
    obs.trace('work', { type: 'agent_run' }, () => obs.logger.info('message'));
    expect(await obs.flush()).to.deep.equal({ isComplete: true, level: 'memory', pending: 0, spooled: 0 });
    expect(recording.types('work')).to.deep.equal(['span.started', 'span.ended']);
    expect(recording.span('work')).to.deep.include({ serviceName: 'bot', environment: 'development' });
    expect(obs.store).to.equal(store);
    expect(obs.stores.get('memory')).to.equal(store);
    expect(store.logs.size).to.equal(1);
    await obs.shutdown();
    expect(store.calls.at(-1)).to.deep.equal(['close']);
  });

  it('gives apply the options as the schema of the plugin made them', async () => {
    const seen: unknown[] = [];
    const plugin = definePlugin({
      name: 'options',
      apiVersion: 1,
      kind: 'exporter',
      signals: [],
      options: z.strictObject({ size: z.number().default(10), name: z.string() }),
      apply: (_, options) => void seen.push(options),
    });
    const obs = await createObs({}, context({ plugins: { entry: plugin({ name: 'x' }) } }));
    expect(seen).to.deep.equal([{ size: 10, name: 'x' }]);
    await obs.shutdown();
  });

  it('returns at once although a plugin hangs in its start', async () => {
    const plugin = pluginOf((host) => host.hooks.start.tap(() => NEVER));
    const obs = await createObs({}, context({ plugins: { plugin } }));
    expect(obs.diagnostics().plugins['plugin']!.state).to.equal('pending');
    await obs.shutdown({ deadlineMs: 30 });
  });

  it('does not throw for a plugin that cannot start', async () => {
    const warnings: string[] = [];
    const plugin = pluginOf((host) =>
      host.hooks.start.tap(() => {
        throw new Error('the disk is read-only');
      }),
    );
    const obs = await createObs(
      {},
      context({ plugins: { plugin } }, { warn: (line) => warnings.push(line) }),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(obs.diagnostics().plugins['plugin']!.state).to.equal('degraded');
    expect(warnings).to.deep.equal([
      'obs WARN plugin "plugin" has not started, its events wait: the disk is read-only',
    ]);
    await obs.shutdown({ deadlineMs: 30 });
  });

  it('throws for an invalid config, with the mistakes of all layers and of all plugins at once', async () => {
    const started: string[] = [];
    const broken = pluginOf(() => {
      throw new Error('no endpoint');
    });
    const store = pluginOf(
      (host) => {
        host.registerStore(new MemoryStore());
        host.hooks.start.tap(() => void started.push('store'));
      },
      { kind: 'store' },
    );
    const config = {
      sinals: {},
      plugins: {
        broken,
        local: { use: store, strategy: { logs: 'insert-only', tracing: 'batch' } },
      },
    } as unknown as ObsConfig;
    const error = await failure(config, { signals: { tracing: { sample: 7 } } });
    expect(error.code).to.equal('OBS_CONFIG_INVALID');
    const found = error.problems.map(({ code, source, path }) => `${source} | ${path} | ${code}`);
    expect(found).to.have.members([
      'inline config | sinals | OBS_CONFIG_UNKNOWN_KEY',
      'createObs() | signals.tracing.sample | OBS_CONFIG_TYPE',
      'inline config | plugins.broken | OBS_PLUGIN_APPLY',
      'inline config | plugins.local.strategy.logs | OBS_STORE_STRATEGY',
      'inline config | plugins.local.strategy.tracing | OBS_STORE_STRATEGY',
    ]);
    expect(inspect(error).split('signals.tracing.sample'), 'said once').to.have.lengthOf(2);
    for (const { message, hint } of error.problems) {
      expect(message).to.not.match(/^OBS_/);
      expect(hint).to.have.length.greaterThan(10);
      expect(error.message).to.include(message);
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(started).to.deep.equal([]);
  });

  it('keeps what apply threw as the cause of the problem, out of what is printed', async () => {
    const cause = new Error('no endpoint');
    const error = await failure({
      plugins: {
        broken: pluginOf(() => {
          throw cause;
        }),
      },
    });
    expect(error.problems[0]!.cause).to.equal(cause);
    expect(JSON.parse(JSON.stringify(error.problems))[0]).to.have.all.keys(
      'code',
      'source',
      'path',
      'message',
      'hint',
    );
  });

  it('does nothing and loads nothing with OBS_DISABLED, not even a config that is broken', async () => {
    writeFileSync(join(cwd, 'obs.config.mjs'), 'throw new Error("loaded");');
    const warnings: string[] = [];
    const obs = await createObs(
      {},
      context(undefined, { env: { OBS_DISABLED: '1' }, warn: (line) => warnings.push(line) }),
    );
    const result = obs.trace('work', (span) => {
      span.update({ output: 1 });
      obs.logger.error('message');
      obs.metrics.counter('requests').add(-1);
      span.addScore({ scorerId: 'judge', score: Number.NaN });
      return span.traceId;
    });
    expect(result).to.equal('0'.repeat(32));
    expect(obs.store).to.equal(undefined);
    const { emitted, plugins } = obs.diagnostics();
    expect(plugins).to.deep.equal({});
    expect(Object.values(emitted)).to.deep.equal(Array(5).fill({ count: 0, dropped: {} }));
    expect(await obs.flush()).to.deep.include({ isComplete: true });
    expect(await obs.shutdown()).to.deep.include({ isComplete: true });
    expect(warnings).to.deep.equal([]);
  });

  it('says in one line where the data goes when there is no config at all', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'obs-no-config-'));
    const lines: string[] = [];
    const warn = (line: string) => lines.push(line);
    // The store's worker compiles its sources first, which takes a busy machine longer than the default.
    const patience = { shutdownTimeoutMs: 60_000 };
    const obs = await createObs(patience, { cwd, env: { OBS_ENV: 'development', OBS_LOGS: 'off' }, warn });
    await obs.shutdown();
    const silent = await createObs({}, { cwd, env: { OBS_ENV: 'production' }, warn });
    await silent.shutdown();
    rmSync(cwd, { recursive: true, force: true });
    expect(lines).to.deep.equal([
      'obs development: no config file, so tracing, metrics, scores, feedback go to local (duckdb in .obs)',
    ]);
  }).timeout(90_000);

  it('makes instances that know nothing of each other', async () => {
    const [one, other] = [createRecording(), createRecording()];
    const first = await createObs({}, context({ plugins: { same: one.plugin } }));
    const second = await createObs({}, context({ plugins: { same: other.plugin } }));
    first.logger.info('to the first');
    await first.shutdown();
    second.logger.info('to the second');
    expect(one.events.logs.map(({ record }) => record.message)).to.deep.equal(['to the first']);
    expect(other.events.logs.map(({ record }) => record.message)).to.deep.equal(['to the second']);
    await second.shutdown();
  });
});
