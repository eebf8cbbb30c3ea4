import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { createProject, type Project } from './kit/project.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** The TypeScript blocks of the README by the file name in their first line. */
const blocks = new Map(
  [...readme.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)].map(([, file, code]) => [file!, code!] as const),
);

/** How many lines of code a block has, blank ones apart. */
const lines = (file: string): number =>
  blocks
    .get(file)!
    .split('\n')
    .filter((line) => line.trim() !== '').length;

describe('the README', () => {
  let project: Project;
  before(async function () {
    this.timeout(60_000);
    project = await createProject();
    for (const [file, code] of blocks) project.write(file, code);
  });
  after(() => project.remove());

  it('shows every TypeScript block as a file of a project', () => {
    expect([...blocks.keys()]).to.deep.equal([
      'obs.config.ts',
      'app.ts',
      'environments.config.ts',
      'shout.ts',
    ]);
    expect(readme.match(/```ts/g)).to.have.length(blocks.size);
  });

  it('keeps its promises of length', () => {
    expect(lines('obs.config.ts')).to.be.at.most(12);
    expect(lines('app.ts')).to.be.at.most(15);
    expect(lines('environments.config.ts')).to.be.at.most(10);
    expect(lines('shout.ts')).to.be.at.most(20);
  });

  it('gives an application that runs and can be asked afterwards', async () => {
    const app = await project.run('app.ts');
    expect(app.stderr).to.equal('');
    expect(app.code).to.equal(0);
    expect(app.stdout).to.include('question received');
    const traces = await project.obs(['traces', '--json']);
    expect(traces.code, traces.stderr).to.equal(0);
    const [trace] = traces.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(trace).to.include({
      name: 'support agent',
      status: 'ok',
      userId: 'ada',
      threadId: 't-7',
      inputTokens: 12,
    });
  }).timeout(60_000);

  it('gives a plugin that works by path', async () => {
    project.write('plugin.config.ts', `export default { plugins: { shout: './shout.ts' } };`);
    const app = await project.run('app.ts', [], { OBS_CONFIG_FILE: 'plugin.config.ts' });
    expect(app.stdout, app.stderr).to.equal('! QUESTION RECEIVED\n');
  }).timeout(60_000);

  it('gives environments that check without a problem', async () => {
    const check = await project.obs(['check', '--all'], { OBS_CONFIG_FILE: 'environments.config.ts' });
    expect(check.code, check.stderr).to.equal(0);
  }).timeout(60_000);
});
