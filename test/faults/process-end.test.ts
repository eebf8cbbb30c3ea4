import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { createProject, type Project } from '../kit/project.ts';

/** `app(body)` emits one to five and then does as it is told; the plugin hangs, or prints what it gets with `open`. */
const app = (body: string, mode = 'hang') => `import { createObs, definePlugin } from 'obs-kit';
import { writeSync } from 'node:fs';
const say = (what) => void writeSync(1, what + '\\n');
const sink = definePlugin({
  name: 'sink', apiVersion: 1, kind: 'exporter', signals: ['logs'],
  apply(host) {
    host.deliver.logs(async (batch) => {
      if ('${mode}' === 'hang') await new Promise(() => {});
      say(batch.map(({ record }) => record.message).join(' '));
    }, { maxDelayMs: 10 });
  },
});
const obs = await createObs(
  { shutdownTimeoutMs: 1_000, plugins: { sink: { delivery: { durability: 'os' } } } },
  { config: { plugins: { sink } } },
);
const emit = (...names) => { for (const name of names) obs.logger.info(name); };
${body}
`;
const DRAIN = app('await obs.flush();', 'open');

describe('the end of a process with a spool', () => {
  let project: Project;
  const children = new Set<ChildProcess>();
  before(async function () {
    this.timeout(60_000);
    project = await createProject();
  });
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
  });
  after(() => project.remove());

  async function run(script: string, onReady: (child: ChildProcess) => void = () => {}) {
    project.write('app.mjs', script);
    const startedAt = performance.now();
    const child = spawn(process.execPath, [join(project.dir, 'app.mjs')], { cwd: project.dir });
    children.add(child);
    let [stdout, stderr] = ['', ''];
    let endsMs = 0;
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      if (!stdout.includes('ready') || endsMs > 0) return;
      endsMs = performance.now();
      onReady(child);
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
      child.on('close', (...ended) => resolve(ended));
    });
    const tookMs = performance.now() - (endsMs || startedAt);
    return { code, signal, stdout, stderr, tookMs };
  }
  const drained = async () => (await run(DRAIN)).stdout.trim().split(/\s+/).filter(Boolean);

  it('by process.exit() leaves everything to the next, also what was emitted before the spool was open', async () => {
    const { code, stderr } = await run(app(`emit('one', 'two'); process.exit(3);`));
    expect({ code, stderr }).to.deep.equal({ code: 3, stderr: '' });
    expect(await drained()).to.deep.equal(['one', 'two']);
  });

  it('by process.exit() in the middle of everything loses nothing and writes nothing twice', async () => {
    const body = `const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
      for (let n = 0; n < 3000; n++) { emit('e' + n); if (n % 500 === 0) await wait(26); }
      process.exit(4);`;
    const { code, stderr } = await run(app(body));
    expect({ code, stderr }).to.deep.equal({ code: 4, stderr: '' });
    expect(await drained()).to.deep.equal(Array.from({ length: 3000 }, (_, n) => `e${n}`));
  });

  it('by an uncaught error leaves everything to the next, and the error is said as always', async () => {
    const { code, stderr } = await run(
      app(`emit('one'); setTimeout(() => { emit('two'); throw new Error('mine'); }, 50);`),
    );
    expect(code).to.equal(1);
    expect(stderr).to.include('Error: mine').and.not.include('process_exit');
    expect(await drained()).to.deep.equal(['one', 'two']);
  });

  it('by SIGTERM with an exporter that hangs comes in time, and the rest is delivered by the next', async () => {
    const body = `emit('one', 'two', 'three'); setInterval(() => {}, 1000); setTimeout(() => say('ready'), 100);`;
    const ended = await run(app(body), (child) => child.kill('SIGTERM'));
    expect({ ...ended, tookMs: 0 }).to.deep.equal({
      code: null,
      signal: 'SIGTERM',
      stdout: 'ready\n',
      stderr: '',
      tookMs: 0,
    });
    expect(ended.tookMs).to.be.lessThan(1_500);
    expect(await drained()).to.deep.equal(['one', 'two', 'three']);
  });

  it('survives shutdowns twice, before anything was open, and during a flush', async () => {
    const body = `const [first, second] = [obs.shutdown(), obs.shutdown()];
      say(JSON.stringify([first === second, await first]));
      emit('late');`;
    const empty = '{"isComplete":true,"level":"os","pending":0,"spooled":0}';
    expect((await run(app(body))).stdout).to.equal(`[true,${empty}]\n`);
    const during = `emit('one'); const flushed = obs.flush(); const closed = obs.shutdown();
      say(JSON.stringify([await flushed, await closed].map(({ isComplete, spooled }) => [isComplete, spooled])));`;
    expect((await run(app(during))).stdout).to.equal('[[true,1],[true,1]]\n');
    expect(await drained()).to.deep.equal(['one']);
  });
});
