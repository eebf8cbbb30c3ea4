import { expect } from 'chai';
import type { ConfigError } from '../../../core/config/assert-resolved.ts';
import { messageOf } from '../../../core/errors.ts';
import { createRecording } from '../../kit/recording.ts';
import { NEVER } from '../delivery/deliver.ts';
import { MemoryStore } from '../memory-store.ts';
import { failingToStart, pluginOf, settled } from '../plugins.ts';
import { createDiary, createReloading, unbalanced, until } from './reloading.ts';

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error) => error.code,
  );
}

describe('reload', () => {
  it('carries unchanged entries over, closes removed ones and starts added ones', async () => {
    const { plugin, lines } = createDiary();
    const { obs, config } = await createReloading({
      plugins: { stays: plugin({ label: 'stays' }), goes: plugin({ label: 'goes' }) },
    });
    await obs.flush();
    obs.logger.info('1');
    config.plugins = { comes: plugin({ label: 'comes' }), stays: plugin({ label: 'stays' }) };
    lines.length = 0;
    expect(await obs.reload()).to.deep.equal({
      added: ['comes'],
      removed: ['goes'],
      changed: [],
      unchanged: ['stays'],
      settings: [],
    });
    expect(lines).to.deep.equal(['goes got 1', 'goes flush', 'goes shutdown', 'comes start']);
    obs.logger.info('2');
    await obs.flush();
    expect(lines.slice(4)).to.have.members(['stays got 1,2', 'comes got 2', 'stays flush', 'comes flush']);
    await obs.shutdown();
    expect(lines.filter((line) => line.includes('shutdown'))).to.deep.equal([
      'goes shutdown',
      'comes shutdown',
      'stays shutdown',
    ]);
  });

  it('drains and closes a changed entry before its successor starts; events meanwhile wait for that one', async () => {
    const diary = createDiary();
    const { plugin, lines } = diary;
    const { obs, config } = await createReloading({ plugins: { a: plugin({ label: 'old' }) } });
    await obs.flush();
    lines.length = 0;
    let release = () => {};
    diary.onSend = (label) =>
      label === 'old' ? new Promise((resolve) => (release = resolve)) : Promise.resolve();
    obs.logger.info('before');
    config.plugins = { a: plugin({ label: 'new' }) };
    const reloaded = obs.reload();
    // The successor's state is that of the entry as soon as it is in.
    await until(() => obs.diagnostics().plugins['a']!.state === 'pending');
    obs.logger.info('meanwhile');
    await settled();
    expect(lines).to.deep.equal([]);
    release();
    expect((await reloaded).changed).to.deep.equal(['a']);
    await obs.flush();
    expect(lines).to.deep.equal([
      'old got before',
      'old flush',
      'old shutdown',
      'new start',
      'new got meanwhile',
      'new flush',
    ]);
    expect(obs.diagnostics().plugins['a']!.signals.logs).to.deep.include({ accepted: 2, delivered: 2 });
    await obs.shutdown();
  });

  it('closes what may hold the same thing first: entries that swap names, and one that is renamed', async () => {
    const { plugin, lines } = createDiary();
    const { obs, config } = await createReloading({
      plugins: { one: plugin({ label: '1' }), two: plugin({ label: '2' }) },
    });
    await obs.flush();
    lines.length = 0;
    config.plugins = { one: plugin({ label: '2' }), other: plugin({ label: '1' }) };
    expect(await obs.reload()).to.deep.equal({
      added: ['other'],
      removed: ['two'],
      changed: ['one'],
      unchanged: [],
      settings: [],
    });
    expect(lines.slice(0, 4)).to.have.members(['1 flush', '1 shutdown', '2 flush', '2 shutdown']);
    expect(lines.slice(4)).to.have.members(['2 start', '1 start']);
    await obs.shutdown();
  });

  it('changes nothing and lists all problems when anything is wrong', async () => {
    const { plugin, lines } = createDiary();
    const { obs, config } = await createReloading({ plugins: { a: plugin({ label: 'a' }) } });
    const { store, logger } = obs;
    await obs.flush();
    lines.length = 0;
    Object.assign(config, {
      signals: { logs: { level: 'loud' } },
      plugins: {
        b: plugin({ label: 1 } as never),
        c: pluginOf(() => {
          throw new Error('no');
        }),
      },
    });
    const error: ConfigError = await obs.reload().then(
      () => expect.fail('it was accepted'),
      (thrown) => thrown,
    );
    expect(error.code).to.equal('OBS_CONFIG_INVALID');
    expect(error.problems.map(({ path, code }) => `${path} ${code}`)).to.deep.equal([
      'signals.logs.level OBS_CONFIG_TYPE',
      'plugins.b.options.label OBS_PLUGIN_OPTIONS',
      'plugins.c OBS_PLUGIN_APPLY',
    ]);
    logger.info('still there');
    await obs.flush();
    expect(lines).to.deep.equal(['a got still there', 'a flush']);
    expect([obs.store, Object.keys(obs.diagnostics().plugins)]).to.deep.equal([store, ['a']]);
    await obs.shutdown();
  });

  it('takes options for unchanged by their values, and functions and instances only when they are the very same', async () => {
    const { plugin } = createDiary();
    const format = () => 1;
    class Client {
      readonly #secret: string;
      constructor(secret: string) {
        this.#secret = secret;
      }
      get secret() {
        return this.#secret;
      }
    }
    const client = new Client('x');
    const plugins = (own: unknown, client: Client) => ({
      values: plugin({ label: 'a', format: { deep: [1, { x: 'y' }] } }),
      same: plugin({ label: 'a', format }),
      function: plugin({ label: 'a', format: own }),
      instance: plugin({ label: 'a', format: { client } }),
    });
    const { obs, config } = await createReloading({ plugins: plugins(() => 2, client) });
    config.plugins = plugins(() => 2, new Client('y'));
    const { unchanged, changed } = await obs.reload();
    expect({ unchanged, changed }).to.deep.equal({
      unchanged: ['values', 'same'],
      changed: ['function', 'instance'],
    });
    for (const more of [
      { delivery: { maxItems: 2 } },
      { signals: ['logs' as const] },
      { capture: { content: false } },
    ]) {
      config.plugins = {
        values: { use: plugin({ label: 'a', format: { deep: [1, { x: 'y' }] } }), ...more },
      };
      expect((await obs.reload()).changed, JSON.stringify(more)).to.deep.equal(['values']);
    }
    await obs.shutdown();
  });

  it('lets cached emitters, log level, limits, sampling and the name of the service follow', async () => {
    const recording = createRecording();
    const { obs, config } = await createReloading({ plugins: { recording: recording.plugin } });
    const { debug } = obs.logger;
    const counter = obs.metrics.counter('requests');
    const { addScore, startSpan } = obs;
    const open = startSpan({ name: 'open' });
    debug('not made');
    Object.assign(config, {
      service: { name: 'renamed' },
      signals: { logs: { level: 'debug' }, tracing: { sample: 0 } },
      limits: { maxValueBytes: 20 },
    });
    recording.clear();
    const { changed, settings } = await obs.reload();
    expect({ changed, settings }).to.deep.equal({
      changed: ['recording'],
      settings: ['service.name', 'signals.tracing.sample', 'signals.logs.level', 'limits.maxValueBytes'],
    });
    debug('made');
    debug('x'.repeat(100));
    counter.add();
    addScore({ scorerId: 's', score: 1 });
    startSpan({ name: 'unsampled' });
    open.end();
    expect(recording.events.logs.map(({ record }) => record.message.length)).to.deep.equal([4, 20]);
    expect(recording.events.logs[0]!.correlation?.serviceName).to.equal('renamed');
    expect(recording.all.map(({ type }) => type)).to.deep.equal([
      'log',
      'log',
      'metric',
      'score',
      'span.ended',
    ]);
    expect(recording.span('open').serviceName).to.not.equal('renamed');
    await obs.shutdown();
  });

  it('leaves exporters that code registered, and subscribers, where they are', async () => {
    const { plugin } = createDiary();
    const { obs, config } = await createReloading({ plugins: { a: plugin({ label: 'a' }) } });
    const calls: string[] = [];
    obs.registerExporter({
      name: 'mine',
      init: () => void calls.push('init'),
      onLogEvent: ({ record }) => void calls.push(record.message),
      shutdown: async () => void calls.push('shutdown'),
    });
    obs.bus.subscribe(
      (event) => void (event.type === 'log' && calls.push(`subscriber ${event.record.message}`)),
    );
    config.plugins = {};
    expect((await obs.reload()).removed).to.deep.equal(['a']);
    obs.logger.info('1');
    await obs.flush();
    config.plugins = { mine: plugin({ label: 'taken' }) };
    const error = await obs.reload().catch((thrown) => thrown);
    expect(messageOf(error)).to.include('plugins.mine: OBS_PLUGIN_DUPLICATE');
    await obs.shutdown();
    expect(calls).to.have.members(['init', '1', 'subscriber 1', 'shutdown']);
  });

  it('follows with the stores, in the order of the config', async () => {
    const [one, two] = [new MemoryStore(), new MemoryStore()];
    const [first, second] = [one, two].map((store) =>
      pluginOf((host) => host.registerStore(store), { kind: 'store' }),
    );
    const { obs, config } = await createReloading({ plugins: { first: first! } });
    expect(obs.store).to.equal(one);
    config.plugins = { second: second!, first: first! };
    await obs.reload();
    expect([...obs.stores.keys()]).to.deep.equal(['second', 'first']);
    config.plugins = { second: second! };
    await obs.reload();
    expect(obs.store).to.equal(two);
    expect(one.calls.at(-1)).to.deep.equal(['close']);
    await obs.shutdown();
  });

  it('hands what a changed entry could not deliver in time to its successor, in flight or queued', async () => {
    const diary = createDiary();
    const { plugin, lines } = diary;
    const delivery = { maxItems: 2, retry: { initialDelayMs: 60_000, maxDelayMs: 60_000 } };
    diary.onSend = async (label) => {
      if (label === 'wrong') throw new Error('down');
    };
    const { obs, config } = await createReloading(
      { plugins: { a: { use: plugin({ label: 'wrong' }), delivery } } },
      { shutdownTimeoutMs: 100 },
    );
    for (const message of '12345') obs.logger.info(message);
    await obs.flush({ deadlineMs: 20 });
    config.plugins = { a: { use: plugin({ label: 'right' }), delivery } };
    await obs.reload();
    await obs.flush();
    const got = lines.filter((line) => line.startsWith('right got')).join();
    expect([...got.matchAll(/\d/g)].map(String).sort().join('')).to.equal('12345');
    expect(obs.diagnostics().plugins['a']!.signals.logs).to.deep.include({
      accepted: 5,
      delivered: 5,
      dropped: {},
      queued: 0,
      inFlight: 0,
    });
    await obs.shutdown();
  });

  it('does not wait for an entry that never started: its events are the successor\u2019s at once', async () => {
    const bad = failingToStart(100);
    const fine = failingToStart(0);
    const { obs, config } = await createReloading(
      { plugins: { a: bad.plugin } },
      { shutdownTimeoutMs: 10_000 },
    );
    obs.logger.info('waiting');
    await settled();
    config.plugins = { a: fine.plugin };
    const startedAt = performance.now();
    await obs.reload();
    await obs.flush();
    expect(performance.now() - startedAt).to.be.below(5_000);
    expect(fine.received).to.deep.equal(['waiting']);
    expect(obs.diagnostics().plugins['a']!.state).to.equal('running');
    await obs.shutdown();
  });

  it('counts as lost what a removed entry could not take, and ends by its deadline', async () => {
    const diary = createDiary();
    diary.onSend = () => NEVER;
    const { obs, config } = await createReloading(
      { plugins: { a: diary.plugin({ label: 'a', hangs: true }) } },
      { shutdownTimeoutMs: 200 },
    );
    obs.logger.info('lost');
    config.plugins = {};
    const startedAt = performance.now();
    await obs.reload();
    expect(performance.now() - startedAt).to.be.within(100, 2_000);
    const { state, signals } = obs.diagnostics().plugins['a']!;
    expect({ state, logs: signals.logs!.dropped }).to.deep.equal({ state: 'closed', logs: { shutdown: 1 } });
    await obs.shutdown();
  });

  it('keeps the counts of entries that are gone, adds to them when they come back, and sums up those of long ago', async () => {
    const { plugin } = createDiary();
    const { obs, config } = await createReloading({ plugins: { a: plugin({ label: 'a' }) } });
    obs.logger.info('1');
    config.plugins = {};
    await obs.reload();
    expect(obs.diagnostics().plugins['a']!.state).to.equal('closed');
    config.plugins = { a: failingToStart(100).plugin };
    await obs.reload();
    await until(() => obs.diagnostics().plugins['a']!.state === 'degraded');
    config.plugins = { a: plugin({ label: 'a' }) };
    await obs.reload();
    obs.logger.info('2');
    await obs.flush();
    expect(obs.diagnostics().plugins['a']!.state).to.equal('running');
    expect(obs.diagnostics().plugins['a']!.signals.logs).to.deep.include({ accepted: 2, delivered: 2 });
    for (let n = 0; n < 110; n++) {
      config.plugins = { [`n${n}`]: plugin({ label: `${n}` }) };
      await obs.reload();
      obs.logger.info(`${n}`);
    }
    await obs.flush();
    const report = obs.diagnostics();
    expect(Object.keys(report.plugins)).to.have.length(102);
    const accepted = Object.values(report.plugins).map(({ signals }) => signals.logs?.accepted ?? 0);
    expect(accepted.reduce((sum, count) => sum + count, 0)).to.equal(112);
    expect(unbalanced(report)).to.equal(undefined);
    await obs.shutdown();
  });

  it('runs one after the other, and is refused once the shutdown has begun', async () => {
    const { plugin, lines } = createDiary();
    const { obs, config } = await createReloading({ plugins: {} });
    const reloads = ['1', '2', '3'].map((label) => {
      const reload = obs.reload();
      config.plugins = { a: plugin({ label }) };
      return reload;
    });
    // Each reads the config when it is its turn, so the first already finds the last.
    expect((await Promise.all(reloads)).map(({ added, unchanged }) => [added, unchanged])).to.deep.equal([
      [['a'], []],
      [[], ['a']],
      [[], ['a']],
    ]);
    const [during, next] = [obs.reload(), obs.reload()];
    // The first has begun to read.
    await null;
    const end = obs.shutdown();
    expect(await codeOf(during)).to.equal('OBS_RELOAD_CLOSED');
    expect(await codeOf(next)).to.equal('OBS_RELOAD_CLOSED');
    expect(await codeOf(obs.reload())).to.equal('OBS_RELOAD_CLOSED');
    await end;
    expect(await codeOf(obs.reload())).to.equal('OBS_RELOAD_CLOSED');
    expect(lines).to.deep.equal(['3 start', '3 flush', '3 shutdown']);
  });

  it('puts nothing in before the reload before it has closed and started what it had to', async () => {
    const diary = createDiary();
    const { plugin, lines } = diary;
    const { obs, config } = await createReloading({ plugins: { a: plugin({ label: '1' }) } });
    await obs.flush();
    let release = () => {};
    diary.onSend = () => new Promise((resolve) => (release = resolve));
    obs.logger.info('x');
    config.plugins = { a: plugin({ label: '2' }) };
    const first = obs.reload();
    await until(() => obs.diagnostics().plugins['a']!.state === 'pending');
    config.plugins = { a: plugin({ label: '3' }) };
    const second = obs.reload();
    await new Promise((resolve) => setTimeout(resolve, 50));
    release();
    await Promise.all([first, second]);
    expect(lines).to.deep.equal([
      '1 start',
      '1 flush',
      '1 got x',
      '1 flush',
      '1 shutdown',
      '2 start',
      '2 flush',
      '2 shutdown',
      '3 start',
    ]);
    await obs.shutdown();
  });

  it('lets a shutdown wait for an entry that is still being closed', async () => {
    const lines: string[] = [];
    const slow = pluginOf((host) =>
      host.hooks.shutdown.tap(async () => {
        lines.push('begins');
        await new Promise((resolve) => setTimeout(resolve, 100));
        lines.push('ends');
      }),
    );
    const { obs, config } = await createReloading({ plugins: { slow } });
    config.plugins = {};
    const reloaded = obs.reload();
    await until(() => lines.length === 1);
    await obs.shutdown();
    expect(lines).to.deep.equal(['begins', 'ends']);
    await reloaded;
  });

  it('loses nothing to a shutdown in the middle', async () => {
    const diary = createDiary();
    const { plugin, lines } = diary;
    const { obs, config } = await createReloading({ plugins: { a: plugin({ label: 'old' }) } });
    await obs.flush();
    diary.onSend = () => new Promise((resolve) => setTimeout(resolve, 100));
    obs.logger.info('1');
    config.plugins = { a: plugin({ label: 'new' }) };
    const reloaded = obs.reload();
    await until(() => obs.diagnostics().plugins['a']!.state === 'pending');
    obs.logger.info('2');
    expect(await obs.shutdown()).to.deep.include({ isComplete: true, pending: 0 });
    await reloaded;
    expect(lines.slice(2)).to.deep.equal([
      'old got 1',
      'old flush',
      'old shutdown',
      'new start',
      'new got 2',
      'new flush',
      'new shutdown',
    ]);
  });
});
