import { LaminarExporter } from '@mastra/laminar';
import { expect } from 'chai';
import { bodiesOf, type MastraHost, startMastraHost } from './kit/mastra-host.ts';
import { oneRun } from './kit/one-run.ts';
import { spansAt, spanWithId } from './kit/otlp-spans.ts';

describe('@mastra/laminar in this host', () => {
  let host: MastraHost;

  beforeEach(async () => {
    host = await startMastraHost((baseUrl) => new LaminarExporter({ apiKey: 'key', baseUrl }));
  });
  afterEach(() => host.end());

  it('sends the spans of a run with ids, paths, model and tokens', async () => {
    const { agent, generation, tool } = oneRun(host.obs);
    await host.obs.flush();
    const spans = spansAt(host.server);
    expect(spans).to.have.length(4);
    expect(spanWithId(spans, tool.id)).to.deep.include({ parentSpanId: agent.id, traceId: agent.traceId });
    expect(spanWithId(spans, generation.id)['attributes']).to.deep.include({
      'lmnr.span.type': 'LLM',
      'lmnr.association.properties.session_id': 's-1',
      'lmnr.association.properties.user_id': 'u-1',
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.cache_read_input_tokens': 40,
    });
    expect(spanWithId(spans, generation.id)['attributes']['lmnr.span.path']).to.deep.equal([
      'support',
      'answer',
    ]);
  });

  it('sends a score to the evaluator endpoint', async () => {
    const { tool } = oneRun(host.obs);
    tool.addScore({ scorerId: 'relevance', score: 0.75, reason: 'on topic' });
    await host.obs.flush();
    const [score] = bodiesOf(host.server, '/v1/evaluators/score');
    expect(score).to.deep.include({ name: 'relevance', score: 0.75 });
    expect(score.spanId.replaceAll('-', '')).to.equal(tool.id.padStart(32, '0'));
  });
});
