import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { DuckDBStore } from '../../plugins/duckdb/index.ts';
import { buildPackage } from '../kit/built-package.ts';
import { createWorkplace, type Workplace } from './installed.ts';
import { FEEDBACK, HOSTILE, LOGS, SCORES, SPANS } from './stored.ts';

/** A running `obs tail`. */
interface Tail {
  stdout: string;
  stderr: string;
  /** Resolves when it has written something that matches. */
  until(pattern: RegExp): Promise<void>;
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

const PATIENCE_MS = 20_000;

async function startTail(dir: string, ...args: string[]): Promise<Tail> {
  const cli = join(await buildPackage(), 'dist/cli/index.js');
  const env = { ...process.env, NO_COLOR: '1' };
  const child = spawn(process.execPath, [cli, 'tail', ...args], { cwd: dir, env });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const tail: Tail = {
    stdout: '',
    stderr: '',
    until: async (pattern) => {
      const deadline = Date.now() + PATIENCE_MS;
      while (!pattern.test(tail.stdout + tail.stderr)) {
        if (Date.now() > deadline) throw new Error(`no ${pattern} in: ${tail.stdout}${tail.stderr}`);
        await sleep(20);
      }
    },
    stop: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
  child.stdout.setEncoding('utf8').on('data', (text) => (tail.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (tail.stderr += text));
  return tail;
}

describe('obs tail', function () {
  this.timeout(60_000);
  let place: Workplace;
  let store: DuckDBStore;

  before(async function () {
    this.timeout(120_000);
    await buildPackage();
    place = await createWorkplace();
    store = new DuckDBStore({ path: join(place.dir, 'obs.duckdb') });
    await store.init();
  });
  after(async () => {
    await store?.close();
    place?.remove();
  });

  it('follows traces, logs, scores and feedback of a running process, a line each, until it is interrupted', async () => {
    await store.observability.batchCreateLogs({ records: [LOGS[0]!] });
    const [people, programs] = [
      await startTail(place.dir, '--no-json'),
      await startTail(place.dir, '--signals', 'logs,scores'),
    ];
    await Promise.all([people.until(/following/), programs.until(/following/)]);
    await store.observability.batchCreateSpans({ records: SPANS });
    await store.observability.batchCreateLogs({ records: LOGS });
    await store.observability.batchCreateScores({ records: SCORES });
    await store.observability.batchCreateFeedback({ records: FEEDBACK });
    await Promise.all([people.until(/good/), programs.until(/because 2/)]);
    expect(await people.stop('SIGINT')).to.equal(130);
    expect(await programs.stop('SIGTERM')).to.equal(0);

    expect(people.stdout.replaceAll('\n', '')).to.not.match(/\p{Cc}/u);
    const lines = people.stdout.trim().split('\n');
    expect(lines.filter((line) => line.includes('  trace     '))).to.have.length(6);
    expect(people.stdout).to.match(
      / {2}01990000aaaaaaaa {2}trace {5}ok {2}support {2}4\.00 s {2}2 spans {2}1\.2k tok {2}\$0\.010\n/,
    );
    expect(people.stdout).to.match(/ {2}log {7}warn {2}warn said {2}\{"order":17,/);
    expect(people.stdout).to.match(/ {2}score {5}polite {2}0\.25 {2}ok {2}because 1\n/);
    expect(people.stdout).to.match(/ {2}feedback {2}thumbs {2}1 {2}by ada {2}quick\n/);
    expect(people.stdout).to.not.contain('debug said');

    const records = programs.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.map(({ kind }) => kind).sort()).to.deep.equal([
      ...LOGS.slice(1).map(() => 'log'),
      ...SCORES.map(() => 'score'),
    ]);
    expect(records.find(({ record }) => record?.level === 'warn').record.data.note).to.equal(HOSTILE);
  });
});
