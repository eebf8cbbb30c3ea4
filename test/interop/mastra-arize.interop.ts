import { ArizeExporter } from '@mastra/arize';
import { expect } from 'chai';
import { type MastraHost, startMastraHost } from './kit/mastra-host.ts';
import { oneRun } from './kit/one-run.ts';
import { spansAt, spanWithId } from './kit/otlp-spans.ts';

describe('@mastra/arize in this host', () => {
  let host: MastraHost;

  beforeEach(async () => {
    host = await startMastraHost(
      (url) => new ArizeExporter({ endpoint: `${url}/v1/traces`, projectName: 'support' }),
    );
  });
  afterEach(() => host.end());

  it('sends the spans of a run with ids and tree, in OpenInference words', async () => {
    const { agent, generation, tool } = oneRun(host.obs);
    await host.obs.flush();
    const spans = spansAt(host.server);
    expect(spans).to.have.length(4);
    expect(spanWithId(spans, agent.id)['attributes']).to.deep.include({ 'openinference.span.kind': 'AGENT' });
    expect(spanWithId(spans, tool.id)).to.deep.include({ parentSpanId: agent.id, traceId: agent.traceId });
    // This version reads the generation, not the inference inside it.
    expect(spanWithId(spans, generation.id)['attributes']).to.deep.include({
      'llm.model_name': 'gpt-4o-2024-08-06',
      'llm.token_count.prompt': 100,
      'llm.token_count.completion': 20,
      'llm.token_count.prompt_details.cache_read': 40,
      'user.id': 'u-1',
    });
    const models = spans.filter(({ attributes }) => attributes['openinference.span.kind'] === 'LLM');
    expect(models).to.have.length(1);
  });
});
