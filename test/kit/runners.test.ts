import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

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
});
