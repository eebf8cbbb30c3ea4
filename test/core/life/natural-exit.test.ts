import { expect } from 'chai';
import { createProject, type Project } from '../../kit/project.ts';

describe('an application that does not shut down', () => {
  let project: Project;
  before(async function () {
    this.timeout(60_000);
    project = await createProject();
    // Writes synchronously, so that what is written shows what was called, and nothing keeps the process alive.
    project.write(
      'printing.mjs',
      `import { definePlugin } from 'obs-kit';
import { writeSync } from 'node:fs';
const say = (what) => void writeSync(1, what + '\\n');
export const printing = definePlugin({
  name: 'printing', apiVersion: 1, kind: 'exporter', signals: ['logs', 'tracing'],
  apply(host) {
    host.hooks.start.tap(() => new Promise((resolve) => setTimeout(resolve, 50)));
    host.deliver.logs(async (batch) => say('logs ' + batch.map(({ record }) => record.message)));
    host.deliver.tracing(async () => { throw new Error('down'); });
    host.hooks.shutdown.tap(() => say('shutdown'));
  },
});`,
    );
  });
  after(() => {
    project.remove();
  });

  it('still delivers everything when it ends by itself, with the exit code that it chose', async () => {
    project.write(
      'natural.mjs',
      `import { createObs } from 'obs-kit';
import { printing } from './printing.mjs';
const obs = await createObs({ shutdownTimeoutMs: 300 }, { config: { plugins: { printing } } });
process.exitCode = 3;
process.on('exit', (code) => console.log('exit', code));
obs.trace('lost', () => {});
for (const message of ['one', 'two']) obs.logger.info(message);`,
    );
    const { code, stdout, stderr } = await project.run('natural.mjs');
    expect(stdout).to.equal('logs one,two\nshutdown\nexit 3\n');
    expect(code).to.equal(3);
    expect(stderr).to.include('obs ERROR plugin "printing" lost 2 tracing events (shutdown)');
    expect(stderr).to.not.include('Unhandled');
  });

  it('dies of its own exception as if nobody watched', async () => {
    project.write(
      'dies.mjs',
      `import { createObs } from 'obs-kit';
import { printing } from './printing.mjs';
const obs = await createObs({}, { config: { plugins: { printing } } });
obs.logger.info('message');
obs.trace('work', () => { throw new TypeError('mine'); });`,
    );
    const { code, stderr } = await project.run('dies.mjs');
    expect(code).to.equal(1);
    expect(stderr).to.include('TypeError: mine');
  });
});
