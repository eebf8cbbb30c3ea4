import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createProject, type Project } from '../kit/project.ts';
import { Judge } from './oracle.ts';
import { SEED, seeded } from './seed.ts';

const KILLS = Number(process.env.OBS_TEST_SPOOL_KILLS ?? 20);
const PER_ROUND = Number(process.env.OBS_TEST_SPOOL_EVENTS ?? 300);
const WINDOWS = ['append', 'fsync', 'send', 'ack', 'recovery'] as const;
type Window = (typeof WINDOWS)[number];
const CHILD = fileURLToPath(new URL('oracle-child.mjs', import.meta.url));

describe('kill -9', () => {
  let project: Project;
  let judge: Judge;
  let url: string;
  let dir: string;
  before(async function () {
    this.timeout(60_000);
    project = await createProject();
    project.write('child.mjs', readFileSync(CHILD, 'utf8'));
    judge = new Judge();
    url = await judge.listen();
    dir = mkdtempSync(join(tmpdir(), 'obs-kill-'));
  });
  after(() => {
    judge.close();
    project.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  it(`loses nothing that was acknowledged, whenever it comes (${KILLS} times)`, async function () {
    this.timeout(KILLS * 10_000 + 60_000);
    const seed = SEED;
    const random = seeded(seed);
    const notes = join(dir, 'notes');
    writeFileSync(notes, '');
    const below = (n: number) => Math.floor(random() * n);
    const run = (plan: object) => runChild(project, { dataDir: join(dir, '.obs'), url, notes, ...plan });
    const kills = new Map<Window, number>(WINDOWS.map((window) => [window, 0]));
    for (let n = 0; n < KILLS; n++) {
      // Each window in its turn, so that none is empty by chance; what is chance is the moment in it.
      const window = WINDOWS[n % WINDOWS.length]!;
      const durability = window === 'fsync' || random() < 0.5 ? 'disk' : 'os';
      const trouble = [0, 0.3, 1][below(3)]!;
      // Nothing is acknowledged by a destination that takes nothing.
      judge.trouble = () =>
        random() < (window === 'ack' || window === 'send' ? Math.min(trouble, 0.3) : trouble);
      const nth = 1 + below(window === 'recovery' ? 12 : window === 'append' || window === 'fsync' ? 24 : 6);
      const plan = { run: n, durability, window, nth, rounds: 40, perRound: 1 + below(PER_ROUND) };
      const { signal } = await run(plan);
      if (signal === 'SIGKILL') kills.set(window, kills.get(window)! + 1);
      else console.log(`      run ${n} was over before ${window} ${nth} came`);
    }
    judge.trouble = () => false;
    const last = await run({ run: KILLS, durability: 'os', rounds: 1, perRound: 30, endsClean: true });
    const lines = readFileSync(notes, 'utf8').trim().split('\n');
    const verdict = judgeNotes(judge, lines);
    const where = [...kills].map(([window, count]) => `${window} ${count}`).join(', ');
    console.log(`      seed ${seed}; killed inside ${where}; ${JSON.stringify(verdict.seen)}`);
    expect(last, `seed ${seed}`).to.deep.equal({ code: 0, signal: null, stderr: '' });
    expect(verdict.lost, `lost, seed ${seed}`).to.deep.equal([]);
    expect(verdict.twice, `taken twice, seed ${seed}`).to.deep.equal([]);
    expect(judge.faults, `seed ${seed}`).to.deep.equal([]);
    expect(
      lines.filter((line) => line.startsWith('unequal')),
      `seed ${seed}`,
    ).to.deep.equal([]);
    expect(
      [...kills.values()].every((count) => count > 0),
      `a window is empty: ${where}`,
    ).to.equal(true);
    for (const { signal, counts, answered } of verdict.counters) {
      expect(counts, `${signal}, seed ${seed}`).to.include({
        accepted: answered,
        delivered: answered,
        spooled: 0,
      });
      expect(counts.dropped, `${signal}, seed ${seed}`).to.deep.equal({});
    }
    expect(filesOf(join(dir, '.obs/spool'))).to.deep.equal(['.gitignore']);
  });
});

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stderr: string;
}

function runChild(project: Project, plan: object): Promise<Ended> {
  const child = spawn(process.execPath, [join(project.dir, 'child.mjs'), JSON.stringify(plan)], {
    cwd: project.dir,
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout.resume();
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stderr }));
  });
}

function judgeNotes(judge: Judge, lines: string[]) {
  const obligations = new Map<string, number>();
  for (const line of lines) {
    const [what, run, count] = line.split(' ');
    if (what === 'acked') obligations.set(run!, Number(count));
  }
  const lost: string[] = [];
  for (const [run, count] of obligations)
    for (let n = 0; n < count; n++) if (!judge.taken.has(`${run}-${n}`)) lost.push(`${run}-${n}`);
  const twice = [...judge.taken].filter(([, count]) => count > 1).map(([id]) => id);
  const counts = lines.find((line) => line.startsWith('counts '));
  const { signals = {} } = counts ? JSON.parse(counts.slice(7)) : {};
  const lastRun = String(Math.max(...[...obligations.keys()].map(Number)));
  const counters = Object.entries(signals as Record<string, { dropped: object }>).map(([signal, own]) => ({
    signal,
    counts: own,
    answered: judge.answered.get(`${lastRun} ${signal}`) ?? 0,
  }));
  const acked = [...obligations.values()].reduce((sum, count) => sum + count, 0);
  const seen = { acked, taken: judge.taken.size, repeatedBatches: judge.repeatedBatches };
  return { lost, twice, counters, seen };
}

/** All files below a directory but for locks. */
function filesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('lock'))
    .map((entry) => entry.name);
}
