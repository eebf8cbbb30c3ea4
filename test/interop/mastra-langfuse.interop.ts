import { LangfuseExporter } from '@mastra/langfuse';
import { expect } from 'chai';
import { bodiesOf, type MastraHost, startMastraHost } from './kit/mastra-host.ts';
import { oneRun } from './kit/one-run.ts';
import { spansAt, spanWithId } from './kit/otlp-spans.ts';

const TRACES = '/api/public/otel/v1/traces';

describe('@mastra/langfuse in this host', () => {
  let host: MastraHost;

  beforeEach(async () => {
    host = await startMastraHost(
      (baseUrl) => new LangfuseExporter({ publicKey: 'pk', secretKey: 'sk', baseUrl, environment: 'test' }),
    );
  });
  afterEach(() => host.end());

  it('sends the spans of a run with ids, tree, user, session and the prompt of the model call', async () => {
    const { agent, generation, tool } = oneRun(host.obs);
    await host.obs.flush();
    const spans = spansAt(host.server, TRACES);
    expect(spans).to.have.length(4);
    expect(spanWithId(spans, agent.id)['attributes']).to.deep.include({
      'user.id': 'u-1',
      'session.id': 's-1',
      'langfuse.trace.name': 'support',
      'langfuse.trace.output': 'not found',
    });
    expect(spanWithId(spans, tool.id)).to.deep.include({
      parentSpanId: agent.id,
      name: 'execute_tool lookup order',
    });
    const inference = spans.find(({ parentSpanId }) => parentSpanId === generation.id)!;
    expect(inference['attributes']).to.deep.include({
      'gen_ai.operation.name': 'chat',
      'gen_ai.usage.input_tokens': 100,
      'langfuse.observation.prompt.name': 'support',
      'langfuse.observation.prompt.version': 3,
    });
    expect(inference['attributes']['langfuse.observation.completion_start_time']).to.be.a('string');
    expect(spanWithId(spans, generation.id)['attributes']).to.deep.include({
      'langfuse.observation.cost_details': '{"total":0.0125}',
    });
  });

  it('sends a score with its id, trace and span', async () => {
    const { agent, generation } = oneRun(host.obs);
    generation.addScore({ id: 'score-1', scorerId: 'relevance', score: 0.75, reason: 'on topic' });
    await host.obs.flush();
    const batches = bodiesOf(host.server, '/api/public/ingestion');
    const bodies = batches.flatMap(({ batch }) => batch).map(({ body }) => body);
    expect(bodies).to.have.length(1);
    expect(bodies[0]).to.deep.include({
      id: 'score-1',
      traceId: agent.traceId,
      observationId: generation.id,
      name: 'relevance',
      value: 0.75,
      comment: 'on topic',
    });
  });
});
