import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createObs } from '../../../core/obs.ts';
import { createProject, type Project } from '../../kit/project.ts';

const SIGNAL_EXIT = fileURLToPath(new URL('../../../node_modules/signal-exit', import.meta.url));

/** Prints synchronously what is called; sends nothing before it is flushed. */
const PLUGIN = `import { definePlugin } from 'obs-kit';
import { writeSync } from 'node:fs';
export const say = (what) => void writeSync(1, what + '\\n');
export const printing = definePlugin({
  name: 'printing', apiVersion: 1, kind: 'exporter', signals: ['logs', 'scores'],
  apply(host) {
    const options = { maxDelayMs: 600_000 };
    host.deliver.logs(async (batch) => {
      say('logs ' + batch.map(({ record }) => record.message));
      await globalThis.sending?.();
    }, options);
    host.deliver.scores(async () => {}, options);
    host.hooks.shutdown.tap(() => say('closed'));
  },
});
`;

/** An application that emits, says that it is ready and would run for ever. */
const app = (body: string, config = '{}') => `import { createObs } from 'obs-kit';
import { printing, say } from './printing.mjs';
const hang = () => new Promise(() => {});
const obs = await createObs(${config}, { config: { plugins: { printing } } });
obs.logger.info('one');
setInterval(() => {}, 60_000);
${body}
say('ready');
`;

/** What became of a child. */
interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  lines: string[];
  stderr: string;
}

/** Sends a signal whenever the child has said a line. */
type Plan = [line: string, signal: NodeJS.Signals][];

describe('the end of a process', () => {
  let project: Project;
  const children = new Set<ChildProcess>();
  let run: (name: string, script: string, plan?: Plan) => Promise<Ended>;

  before(async function () {
    this.timeout(60_000);
    project = await createProject();
    project.write('printing.mjs', PLUGIN);
    run = (name, script, plan = []) => {
      project.write(`${name}.mjs`, script);
      const child = spawn(process.execPath, [join(project.dir, `${name}.mjs`)], { cwd: project.dir });
      children.add(child);
      return watch(child, plan);
    };
  });
  // One that should have ended and has not.
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children.clear();
  });
  after(() => {
    project.remove();
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`by ${signal} comes after everything was delivered and closed, and is still that of the signal`, async () => {
      const ended = await run(signal, app(''), [['ready', signal]]);
      expect(ended).to.deep.equal({ code: null, signal, lines: ['ready', 'logs one', 'closed'], stderr: '' });
    });
  }

  it('by SIGTERM does not wait for a send that hangs beyond shutdownTimeoutMs, nor does a second one hasten it', async () => {
    const script = app('globalThis.sending = hang;', '{ shutdownTimeoutMs: 500 }');
    const { signal, lines, stderr } = await run('hanging', script, [
      ['ready', 'SIGTERM'],
      ['logs one', 'SIGTERM'],
    ]);
    expect({ signal, lines }).to.deep.equal({ signal: 'SIGTERM', lines: ['ready', 'logs one', 'closed'] });
    expect(stderr).to.match(/^obs ERROR plugin "printing" lost 1 logs events \(shutdown\).*\n$/);
  });

  it('comes at once with a second SIGINT', async () => {
    const script = app('globalThis.sending = hang;', '{ shutdownTimeoutMs: 600_000 }');
    const { signal, lines } = await run('impatient', script, [
      ['ready', 'SIGINT'],
      ['logs one', 'SIGINT'],
    ]);
    expect({ signal, lines }).to.deep.equal({ signal: 'SIGINT', lines: ['ready', 'logs one'] });
  });

  it('is left to an application that listens for the signal, with everything flushed', async () => {
    const script = app(`
// It has something of its own to do before it ends.
globalThis.sending = () => void setTimeout(() => process.exit(7), 300);
process.on('SIGTERM', () => say('mine'));`);
    const { code, lines } = await run('listening', script, [['ready', 'SIGTERM']]);
    expect({ code, lines }).to.deep.equal({ code: 7, lines: ['ready', 'mine', 'logs one'] });
  });

  it('is not brought about in the first process of a container, which no signal ends', async () => {
    const script = app(`
Object.defineProperty(process, 'pid', { value: 1 });
globalThis.sending = () => setImmediate(() => process.exit(7));`);
    const { code, lines } = await run('first', script, [['ready', 'SIGTERM']]);
    expect({ code, lines }).to.deep.equal({ code: 7, lines: ['ready', 'logs one'] });
  });

  it('comes also where signal-exit waits for everybody else to be gone', async function () {
    if (!existsSync(SIGNAL_EXIT)) {
      console.log('      skipped: signal-exit is not installed');
      this.skip();
    }
    symlinkSync(SIGNAL_EXIT, join(project.dir, 'node_modules', 'signal-exit'), 'junction');
    const script = app(`
const { onExit } = await import('signal-exit');
onExit((code, signal) => say('signal-exit ' + signal));`);
    const { signal, lines } = await run('yielding', script, [['ready', 'SIGTERM']]);
    expect({ signal, lines }).to.deep.equal({
      signal: 'SIGTERM',
      lines: ['ready', 'logs one', 'closed', 'signal-exit SIGTERM'],
    });
  });

  it('is none of our business with handleSignals: false', async () => {
    const ended = await run('off', app('', '{ handleSignals: false }'), [['ready', 'SIGTERM']]);
    expect(ended).to.deep.equal({ code: null, signal: 'SIGTERM', lines: ['ready'], stderr: '' });
  });

  it('by process.exit() names what each plugin loses in one line, and keeps the exit code', async () => {
    const script = app(`
const other = await createObs({}, { config: { plugins: { a: printing, 'b': printing } } });
other.logger.info('two');
other.addScore({ scorerId: 'test', score: 1, traceId: '1'.repeat(32) });
process.on('exit', () => say(JSON.stringify(other.diagnostics().plugins.a.signals.logs.dropped)));
process.exit(3);`);
    const { code, lines, stderr } = await run('exit', script);
    expect({ code, lines }).to.deep.equal({ code: 3, lines: ['{"process_exit":1}'] });
    expect(stderr.split('\n')).to.deep.equal([
      'obs ERROR the process ended before these events were delivered: 1 of "printing" (process_exit)',
      'obs ERROR the process ended before these events were delivered: 2 of "a", 2 of "b" (process_exit)',
      '',
    ]);
  });

  it('by an error that nobody catches is as if nobody watched, but for that line', async () => {
    const { code, stderr } = await run('dies', app(`throw new TypeError('mine');`));
    expect(code).to.equal(1);
    expect(stderr).to.include('TypeError: mine');
    expect(stderr).to.match(/before these events were delivered: 1 of "printing" \(process_exit\)\n/);
  });

  it('is watched by one set of listeners, however many instances there are, and only while there are any', async () => {
    const names = ['SIGINT', 'SIGTERM', 'beforeExit', 'exit'];
    const counts = () => names.map((name) => process.listenerCount(name));
    const before = counts();
    const create = (handleSignals: boolean) =>
      createObs({ handleSignals }, { config: {}, cwd: project.dir, env: {} });
    const first = await create(false);
    expect(counts()).to.deep.equal(before.map((count, index) => count + (index < 2 ? 0 : 1)));
    const others = await Promise.all([1, 2, 3].map(() => create(true)));
    expect(counts()).to.deep.equal(before.map((count) => count + 1));
    await Promise.all(others.map((obs) => obs.shutdown()));
    await first.shutdown();
    expect(counts()).to.deep.equal(before);
  });
});

function watch(child: ChildProcess, plan: Plan): Promise<Ended> {
  const steps = [...plan];
  let stdout = '';
  let stderr = '';
  child.stderr!.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  child.stdout!.setEncoding('utf8').on('data', (text) => {
    stdout += text;
    while (steps[0] && stdout.includes(`${steps[0][0]}\n`)) child.kill(steps.shift()![1]);
  });
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal, lines: stdout.split('\n').filter(Boolean), stderr });
    });
  });
}
