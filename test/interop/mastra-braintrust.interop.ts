import { BraintrustExporter } from '@mastra/braintrust';
import { flush } from 'braintrust';
import { expect } from 'chai';
import { ok } from '../kit/fault-server.ts';
import { bodiesOf, type MastraHost, startMastraHost } from './kit/mastra-host.ts';
import { oneRun } from './kit/one-run.ts';

describe('@mastra/braintrust in this host', () => {
  let host: MastraHost;

  // One host for all tests: the client keeps the address of its first login for the whole process.
  before(async () => {
    host = await startMastraHost((endpoint) => new BraintrustExporter({ apiKey: 'key', endpoint }));
    host.server.otherwise = (request, response) => {
      const { url } = host.server;
      const answers: Record<string, object> = {
        '/api/apikey/login': { org_info: [{ id: 'org', name: 'org', api_url: url, proxy_url: url }] },
        '/api/project/register': { project: { id: 'project', name: 'mastra-tracing' } },
      };
      ok({ body: JSON.stringify(answers[request.path] ?? {}) })(request, response);
    };
  });
  after(() => host.end());

  it('sends the rows of a run with ids, tree, tokens and error', async () => {
    const { agent, generation, tool } = oneRun(host.obs);
    await flushAll(host);
    const rows = mergedRows(host);
    expect([...rows.values()].filter(({ root_span_id }) => root_span_id === agent.traceId)).to.have.length(4);
    expect(rows.get(agent.id)).to.deep.include({ span_id: agent.id, root_span_id: agent.traceId });
    expect(rows.get(generation.id)).to.deep.include({
      span_id: generation.id,
      root_span_id: agent.traceId,
      span_parents: [agent.id],
    });
    expect(rows.get(generation.id)!.span_attributes).to.deep.include({ name: 'answer', type: 'llm' });
    expect(rows.get(generation.id)!.metrics).to.deep.include({
      prompt_tokens: 100,
      completion_tokens: 20,
      prompt_cached_tokens: 40,
      completion_reasoning_tokens: 5,
      time_to_first_token: 0,
    });
    expect(rows.get(generation.id)!.metadata).to.deep.include({ model: 'gpt-4o-2024-08-06' });
    expect(rows.get(tool.id)).to.deep.include({ span_parents: [agent.id], error: 'no such order' });
  });

  it('sends a score to the row of its span', async () => {
    const { generation } = oneRun(host.obs);
    generation.addScore({ scorerId: 'relevance', score: 0.75 });
    await flushAll(host);
    const feedback = rowsOf(host).filter(({ scores }) => scores);
    expect(feedback.map(({ id, scores }) => ({ id, scores }))).to.deep.equal([
      { id: generation.id, scores: { relevance: 0.75 } },
    ]);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: rows are whatever the client wrote
type Row = any;

function rowsOf({ server }: MastraHost): Row[] {
  return bodiesOf(server, '/logs3').flatMap(({ rows }) => rows);
}

/** The exporter's flush does not flush the client below it. */
async function flushAll({ obs }: MastraHost): Promise<void> {
  await obs.flush();
  await flush();
}

/** A span is a first row and later ones that are merged into it. */
function mergedRows(host: MastraHost): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const row of rowsOf(host)) {
    const before = rows.get(row.id) ?? {};
    const metrics = { ...before.metrics, ...row.metrics };
    rows.set(row.id, { ...before, ...row, metrics, metadata: { ...before.metadata, ...row.metadata } });
  }
  return rows;
}
