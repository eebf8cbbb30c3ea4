import { LangSmithExporter } from '@mastra/langsmith';
import { expect } from 'chai';
import { type MastraHost, startMastraHost } from './kit/mastra-host.ts';
import { oneRun } from './kit/one-run.ts';

describe('@mastra/langsmith in this host', () => {
  let host: MastraHost;

  beforeEach(async () => {
    host = await startMastraHost(
      (apiUrl) => new LangSmithExporter({ apiKey: 'key', apiUrl, autoBatchTracing: false }),
    );
  });
  afterEach(() => host.end());

  it('sends the runs of a trace with tree, model, tokens and error', async () => {
    oneRun(host.obs);
    await host.end();
    const runs = runsOf(host);
    const [agent, generation, tool] = ['support', 'answer', 'lookup order'].map((name) => runs.get(name));
    expect([...runs.keys()]).to.have.members(['support', 'answer', 'lookup order', 'inference: answer']);
    expect(generation).to.deep.include({ parent_run_id: agent.id, trace_id: agent.id, run_type: 'llm' });
    expect(generation.extra.metadata.usage_metadata).to.deep.include({
      input_tokens: 100,
      output_tokens: 20,
    });
    expect(generation.extra.metadata).to.deep.include({ ls_model_name: 'gpt-4o', ls_provider: 'openai' });
    expect(tool).to.deep.include({ parent_run_id: agent.id, run_type: 'tool', error: 'no such order' });
  });

  it('sends a score as feedback on the run of its span', async () => {
    const { generation } = oneRun(host.obs);
    await host.obs.flush();
    const id = '019b7cbe-5aee-4011-a233-445566778899';
    generation.addScore({ id, scorerId: 'relevance', score: 0.75, reason: 'on topic' });
    await host.end();
    const [feedback] = requests(host, (method, path) => method === 'POST' && path.includes('feedback'));
    const body = JSON.parse(feedback!.body.toString());
    expect(body).to.deep.include({
      id,
      run_id: runsOf(host).get('answer').id,
      key: 'relevance',
      score: 0.75,
      comment: 'on topic',
    });
  });
});

function requests({ server }: MastraHost, is: (method: string, path: string) => boolean) {
  return server.requests.filter(({ method, path }) => is(method, path));
}

/** The runs as posted, with what patches changed; by name. */
// biome-ignore lint/suspicious/noExplicitAny: runs are whatever the client wrote
function runsOf(host: MastraHost): Map<string, any> {
  const byId = new Map<string, { name: string }>();
  for (const { path, body } of requests(host, (_method, path) => path.startsWith('/runs'))) {
    const run = JSON.parse(body.toString());
    const id = run.id ?? path.split('/')[2];
    byId.set(id, { ...byId.get(id), ...run });
  }
  return new Map([...byId.values()].map((run) => [run.name, run]));
}
