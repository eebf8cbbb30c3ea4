import { OtelExporter } from '@mastra/otel-exporter';
import { expect } from 'chai';
import { type MastraHost, startMastraHost } from './kit/mastra-host.ts';
import { oneRun } from './kit/one-run.ts';
import { logsAt, spansAt, spanWithId } from './kit/otlp-spans.ts';

describe('@mastra/otel-exporter in this host', () => {
  let host: MastraHost;

  beforeEach(async () => {
    host = await startMastraHost(
      (url) => new OtelExporter({ provider: { custom: { endpoint: url, protocol: 'http/protobuf' } } }),
    );
  });
  afterEach(() => host.end());

  it('sends the spans of a run with their ids and tree, and the model call as one chat', async () => {
    const { agent, generation, tool } = oneRun(host.obs);
    await host.obs.flush();
    const spans = spansAt(host.server);
    expect(spans).to.have.length(4);
    expect(new Set(spans.map(({ traceId }) => traceId))).to.deep.equal(new Set([agent.traceId]));
    expect(spanWithId(spans, agent.id)['parentSpanId'] || undefined).to.equal(undefined);
    expect(spanWithId(spans, generation.id)['parentSpanId']).to.equal(agent.id);
    expect(spanWithId(spans, tool.id)).to.deep.include({ parentSpanId: agent.id });
    expect(spanWithId(spans, tool.id)['status']).to.deep.equal({ code: 2, message: 'no such order' });

    const chats = spans.filter(({ attributes }) => attributes['gen_ai.operation.name'] === 'chat');
    expect(chats).to.have.length(1);
    expect(chats[0]!['parentSpanId']).to.equal(generation.id);
    expect(chats[0]!['attributes']).to.deep.include({
      'gen_ai.request.model': 'gpt-4o',
      'gen_ai.response.model': 'gpt-4o-2024-08-06',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.temperature': 0.2,
      'gen_ai.usage.input_tokens': 100,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.usage.cache_read.input_tokens': 40,
    });
    expect(chats[0]!['resource']).to.deep.include({ 'service.name': 'test-service' });
  });

  it('sends a log with the ids of its span', async () => {
    const span = host.obs.startSpan({ name: 'work' });
    span.run(() => host.obs.logger.warn('slow', { ms: 12 }));
    span.end();
    await host.obs.flush();
    const [log, ...others] = logsAt(host.server);
    expect(others).to.have.length(0);
    expect(log).to.deep.include({ traceId: span.traceId, spanId: span.id, severityText: 'WARN' });
    expect(log!['body']).to.deep.equal({ stringValue: 'slow' });
    expect(log!['attributes']).to.deep.include({ 'mastra.log.ms': 12 });
  });

  it('declares the two signals that it has handlers for', () => {
    expect(Object.keys(host.obs.diagnostics().plugins['vendor']!.signals)).to.deep.equal(['tracing', 'logs']);
  });
});
