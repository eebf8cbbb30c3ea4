import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createProject, type Finished, type Project } from '../kit/project.ts';

// What the agent of the example does: 3 turns; 7 model calls; 4 tool calls, one of which fails and one of which runs
// a workflow of 3 steps; 1 retrieval; 3 scorer runs.
const EMITTED = { spans: 3 + 7 + 4 + (1 + 3) + 1 + 3, metrics: 24, logs: 5, scores: 3, feedback: 1 };

const COUNT = fileURLToPath(new URL('count-stored.mjs', import.meta.url));

describe('the support agent of npm start', () => {
  let project: Project;
  let agent: Finished;
  before(async function () {
    this.timeout(60_000);
    project = await createProject();
    project.copy('examples/support-agent');
    project.copy('obs.config.ts');
    agent = await project.run('examples/support-agent/main.ts');
  });
  after(() => project.remove());

  it('runs to its end and shows its progress', () => {
    expect(agent.code, agent.stderr).to.equal(0);
    expect(agent.stderr).to.equal('');
    expect(agent.stdout).to.include('tool issue_voucher failed: voucher service');
    expect(agent.stdout).to.include('agent: I am sorry about the lamp.');
  });

  it('prints what the README shows', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    for (const line of agent.stdout.trim().split('\n')) expect(readme).to.include(line);
  });

  it('leaves exactly what it emitted in both files', async () => {
    const counted = await project.run(COUNT, [project.dir]);
    expect(counted.code, counted.stderr).to.equal(0);
    expect(JSON.parse(counted.stdout)).to.deep.equal({ jsonl: EMITTED, duckdb: EMITTED });
  }).timeout(30_000);

  it('can be asked for its newest trace as a tree with tokens and cost', async () => {
    const trace = await project.obs(['trace', 'last', '--no-json']);
    expect(trace.code, trace.stderr).to.equal(0);
    for (const part of [
      'support agent',
      'issue_voucher',
      'refund',
      'pay',
      '$0.00',
      'ECONNREFUSED',
      'quick and kind',
    ]) {
      expect(trace.stdout).to.include(part);
    }
  }).timeout(30_000);

  it('never writes the token that a tool put into a log', () => {
    const data = join(project.dir, '.obs');
    const files = readdirSync(data).filter((file) => file !== '.gitignore');
    expect(files).to.include.members(['obs.duckdb', 'events.jsonl']);
    for (const file of files)
      expect(readFileSync(join(data, file)).includes('demo-token'), file).to.equal(false);
  });
});
