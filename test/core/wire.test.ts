import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { createProject, type Project } from '../kit/project.ts';

const ROOT = new URL('../../', import.meta.url);

describe('warnings on stderr', () => {
  let project: Project;
  before(async function () {
    this.timeout(60_000);
    project = await createProject();
    project.write(
      'app.mjs',
      `import { wire } from '${new URL('core/wire.ts', ROOT).href}';
const signal = { enabled: true };
const { book } = wire({
  signals: { tracing: signal, metrics: signal, logs: signal, scores: signal, feedback: signal },
  redact: { enabled: false, keys: [] }, capture: { content: true }, resource: {},
});
process.stdin.once('data', async () => {
  for (let n = 0; n < 20; n++) {
    book.warnOnce('topic ' + n, 'line ' + n);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  console.log('survived with', process.stderr.listenerCount('error'), 'listeners');
  process.exit(0);
});
console.log('ready');`,
    );
  });
  after(() => {
    project.remove();
  });

  it('do not end an application whose stderr has gone away', async () => {
    const flags = ['--conditions=obs-source', '--import', new URL('test/register.mjs', ROOT).pathname];
    const child = spawn(process.execPath, [...flags, 'app.mjs'], { cwd: project.dir });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (!stdout.startsWith('ready') || child.stderr.destroyed) return;
      child.stderr.destroy();
      child.stdin.write('go\n');
    });
    const [code] = await once(child, 'close');
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: 'ready\nsurvived with 0 listeners\n' });
  });
});
