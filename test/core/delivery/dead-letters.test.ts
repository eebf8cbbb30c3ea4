import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Send } from '../../../core/contract/send.ts';
import type { DeadLetter } from '../../../core/delivery/dead-letters.ts';
import { DestinationError, PermanentError } from '../../../core/delivery/outcome.ts';
import type { LogEvent } from '../../../core/signals/logs.ts';
import { createTestHost } from '../../kit/host.ts';
import { pluginOf } from '../plugins.ts';

/** Refuses the logs that say `bad`, one request at a time. */
const refuseBad: Send<LogEvent> = async (batch) => {
  if (batch.some(({ record }) => record.message === 'bad')) throw new PermanentError('400: no bad logs');
};

describe('dead letters', () => {
  let directory: string;
  let dataDir: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'obs-dead-letters-'));
    dataDir = join(directory, '.obs');
  });
  afterEach(() => {
    chmodSync(directory, 0o700);
    rmSync(directory, { recursive: true, force: true });
  });

  async function hostOf(send: Send<LogEvent>, { key = 'cloud', deadLetters = true } = {}) {
    const plugin = pluginOf((host) => host.deliver.logs(send));
    const host = createTestHost({ config: { dataDir, deadLetters }, plugins: { [key]: plugin } });
    await host.start();
    return host;
  }
  const read = (file = 'cloud.jsonl'): DeadLetter[] =>
    readFileSync(join(dataDir, 'dead-letters', file), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));

  it('hold each refused event with its entry, signal, reason and time, and no other', async () => {
    const { obs } = await hostOf(refuseBad);
    for (const message of ['good', 'bad', 'good', 'bad']) obs.logger.info(message, { n: 1 });
    await obs.flush();
    const letters = read();
    expect(letters).to.have.length(2);
    const [{ event, at, ...rest }] = letters as [DeadLetter];
    expect(rest).to.deep.equal({ key: 'cloud', signal: 'logs', reason: '400: no bad logs' });
    expect(Math.abs(Date.parse(at) - Date.now())).to.be.below(60_000);
    expect(event).to.deep.include({ type: 'log' });
    expect((event as LogEvent).record).to.deep.include({ message: 'bad', data: { n: 1 } });
    const { logs } = obs.diagnostics().plugins['cloud']!.signals;
    expect(logs).to.deep.include({ delivered: 2, dropped: { rejected: 2 } });
    expect(logs!.deadLetters).to.deep.equal({ written: 2, unwritten: 0 });
    await obs.shutdown();
  });

  it('hold the events of a partial success that were refused, by what was said of each', async () => {
    const { obs } = await hostOf(async () => ({
      rejected: [
        { index: 2, reason: 'too old' },
        { index: -1, reason: 'one of them' },
      ],
    }));
    for (const message of ['a', 'b', 'c']) obs.logger.info(message);
    await obs.flush();
    expect(read().map(({ event, reason }) => [(event as LogEvent).record.message, reason])).to.deep.equal([
      ['c', 'too old'],
    ]);
    const { logs } = obs.diagnostics().plugins['cloud']!.signals;
    // Nobody knows which event the second one is.
    expect(logs!.deadLetters).to.deep.equal({ written: 1, unwritten: 1 });
    expect(logs!.dropped).to.deep.equal({ rejected: 2 });
    await obs.shutdown();
  });

  it('hold no secrets that redaction takes out of events', async () => {
    const { obs } = await hostOf(refuseBad);
    obs.logger.info('bad', { password: 'canary-secret' });
    await obs.flush();
    expect(readFileSync(join(dataDir, 'dead-letters', 'cloud.jsonl'), 'utf8')).not.to.include('canary');
    await obs.shutdown();
  });

  it('are for nobody else: files 0600 in directories 0700, out of version control', async () => {
    const before = process.umask(0);
    try {
      const { obs } = await hostOf(refuseBad);
      obs.logger.info('bad');
      await obs.flush();
      await obs.shutdown();
    } finally {
      process.umask(before);
    }
    const mode = (...path: string[]) => (statSync(join(dataDir, ...path)).mode & 0o777).toString(8);
    expect([mode(), mode('dead-letters'), mode('dead-letters', 'cloud.jsonl')]).to.deep.equal([
      '700',
      '700',
      '600',
    ]);
    expect(readFileSync(join(dataDir, '.gitignore'), 'utf8')).to.equal('*\n');
  });

  it('make no directory as long as nothing was refused, nor where they are switched off', async () => {
    const fine = await hostOf(refuseBad);
    fine.obs.logger.info('good');
    await fine.obs.shutdown();
    const off = await hostOf(refuseBad, { deadLetters: false });
    off.obs.logger.info('bad');
    await off.obs.shutdown();
    expect(readdirSync(directory)).to.deep.equal([]);
    const { logs } = off.obs.diagnostics().plugins['cloud']!.signals;
    expect(logs!.deadLetters).to.deep.equal({ written: 0, unwritten: 1 });
  });

  it('cannot lead out of their directory, whatever the key of the entry is', async () => {
    const { obs } = await hostOf(refuseBad, { key: '../../etc/päss wd' });
    obs.logger.info('bad');
    await obs.flush();
    expect(read('%2e.%2f..%2fetc%2fp%e4ss%20wd.jsonl')).to.have.length(1);
    await obs.shutdown();
  });

  it('go on behind a line that a process left half written', async () => {
    const first = await hostOf(refuseBad);
    first.obs.logger.info('bad');
    await first.obs.shutdown();
    const file = join(dataDir, 'dead-letters', 'cloud.jsonl');
    writeFileSync(file, '{"key":"cl', { flag: 'a' });
    const second = await hostOf(refuseBad);
    second.obs.logger.info('bad');
    await second.obs.shutdown();
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines).to.have.length(4);
    expect(JSON.parse(lines[2]!).reason).to.equal('400: no bad logs');
  });

  it('stop at their limit in bytes; what is beyond is counted and said once', async () => {
    const host = await hostOf(refuseBad);
    host.obs.logger.info('bad');
    await host.obs.flush();
    const file = join(dataDir, 'dead-letters', 'cloud.jsonl');
    const full = 64_000_000 - 10;
    writeFileSync(file, Buffer.alloc(full, '\n'));
    for (let n = 0; n < 3; n++) {
      host.obs.logger.info('bad');
      await host.obs.flush();
    }
    expect(statSync(file).size).to.equal(full);
    const { logs } = host.obs.diagnostics().plugins['cloud']!.signals;
    expect(logs!.deadLetters).to.deep.equal({ written: 1, unwritten: 3 });
    const said = host.warnings.filter((line) => line.includes('OBS_DEAD_LETTERS'));
    expect(said).to.have.length(1);
    expect(said[0]).to.include('cloud.jsonl is full (64000000 bytes)');
    await host.obs.shutdown();
  });

  it('that the disk does not take change nothing for delivery: they are counted and said once', async () => {
    // A file stands where the directory should be; that stops every user.
    writeFileSync(dataDir, '');
    const host = await hostOf(refuseBad);
    for (const message of ['bad', 'good', 'bad', 'good']) host.obs.logger.info(message);
    expect(await host.obs.flush()).to.deep.include({ isComplete: true });
    host.obs.logger.info('bad');
    await host.obs.shutdown();
    const { logs } = host.obs.diagnostics().plugins['cloud']!.signals;
    expect(logs).to.deep.include({ delivered: 2, dropped: { rejected: 3 } });
    expect(logs!.deadLetters).to.deep.equal({ written: 0, unwritten: 3 });
    expect(host.warnings.filter((line) => line.includes('OBS_DEAD_LETTERS'))).to.have.length(1);
  });

  it('leave out an event that is no JSON, and keep its neighbours', async () => {
    const refuseAll: Send<LogEvent> = async (batch) => ({
      rejected: batch.map((_, index) => ({ index, reason: 'no' })),
    });
    const { obs } = await hostOf(refuseAll);
    obs.logger.info('before');
    const record = { level: 'info', message: 'huge', data: 1n } as const;
    const [now, micro] = [new Date(), Date.now() * 1_000];
    obs.emitLogEvent({ type: 'log', id: '1', timestamp: now, timeUnixMicro: micro, record } as LogEvent);
    obs.logger.info('after');
    await obs.flush();
    expect(read().map(({ event }) => (event as LogEvent).record.message)).to.deep.equal(['before', 'after']);
    const { logs } = obs.diagnostics().plugins['cloud']!.signals;
    expect(logs!.deadLetters).to.deep.equal({ written: 2, unwritten: 1 });
    await obs.shutdown();
  });

  it('of many entries and in great number are each in the file of their entry', async () => {
    const refuseAll: Send<LogEvent> = async (batch) => ({
      rejected: batch.map((_, index) => ({ index, reason: 'no' })),
    });
    const plugin = () => pluginOf((host) => host.deliver.logs(refuseAll, { maxItems: 100 }));
    const config = { dataDir, deadLetters: true };
    const host = createTestHost({ config, plugins: { one: plugin(), two: plugin() } });
    await host.start();
    for (let n = 0; n < 1_000; n++) host.obs.logger.info(`message ${n}`);
    await host.obs.flush();
    const messages = Array.from({ length: 1_000 }, (_, n) => `message ${n}`);
    for (const key of ['one', 'two']) {
      const kept = read(`${key}.jsonl`);
      expect(kept.map(({ event }) => (event as LogEvent).record.message)).to.deep.equal(messages);
      expect(new Set(kept.map((letter) => letter.key))).to.deep.equal(new Set([key]));
    }
    await host.obs.shutdown();
  });
});

describe('a plugin whose destination takes nothing', () => {
  it('is degraded and says so in one line, whatever the number of its signals and attempts, until it works again', async () => {
    let isWrong = true;
    const send = async () => {
      if (isWrong) throw new DestinationError('HTTP 401 from https://x: the credentials are not accepted');
    };
    const plugin = pluginOf((host) => {
      host.deliver.logs(send);
      host.deliver.metrics(send);
    });
    const delivery = { maxItems: 1, retry: { probeMs: 2 } };
    const host = createTestHost({ plugins: { cloud: { plugin, delivery } } });
    await host.start();
    host.obs.logger.info('waits');
    host.obs.metrics.counter('waits').add();
    await host.obs.flush({ deadlineMs: 50 });
    expect(host.warnings).to.deep.equal([
      'obs WARN plugin "cloud" sends nothing until its destination is mended, its events wait; OBS_SEND_PAUSED: HTTP 401 from https://x: the credentials are not accepted',
    ]);
    expect(host.obs.diagnostics().plugins['cloud']).to.deep.include({ state: 'degraded' });
    isWrong = false;
    expect(await host.obs.flush()).to.deep.include({ isComplete: true });
    const { state, signals } = host.obs.diagnostics().plugins['cloud']!;
    expect([state, signals.logs!.delivered, signals.metrics!.delivered]).to.deep.equal(['running', 1, 1]);
    await host.obs.shutdown();
  });
});
