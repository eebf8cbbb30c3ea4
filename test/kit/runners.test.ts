import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createProject } from './project.ts';

const NODE_TEST = fileURLToPath(new URL('broken/with-node-test.mts', import.meta.url));

/** What a run of node:test says, as TAP. */
function tapOf(file: string): Promise<string> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const args = ['--import', './test/register.mjs', '--conditions=obs-source', '--test-reporter=tap', file];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  return new Promise((resolve) => child.on('close', () => resolve(text)));
}

describe('the cases of the kit', function () {
  this.timeout(60_000);

  it('run under node:test, where what does not apply is skipped with its reason', async () => {
    const tap = await tapOf(NODE_TEST);
    expect(tap).to.match(/^ok \d+ - manifest.described: /m);
    expect(tap).to.match(/^not ok \d+ - lifecycle.orders: /m);
    expect(tap).to.match(/^ok \d+ - decision.slow.logs: .* # SKIP the destination has no "slow"$/m);
    expect(tap).to.match(/^# fail 1$/m);
  });
  it('run in a project that has the package and nothing of this repository', async () => {
    const project = await createProject();
    project.write(
      'check.mjs',
      `import { memory } from 'obs-kit/memory';
      import { storeCases } from 'obs-kit/testing';
      const cases = storeCases({ use: () => memory() }).filter(({ id }) => /^(manifest|write.equal)/.test(id));
      for (const { id, run } of cases) await run().then(() => console.log('ok', id));`,
    );
    const { code, stdout, stderr } = await project.run('check.mjs');
    project.remove();
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout.trim().split('\n')).to.have.length(4 + 3 + 4 * 2);
  });
});
