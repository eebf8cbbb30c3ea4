import { createRequire } from 'node:module';
import { expect } from 'chai';
import type { AnyExportedSpan } from '../../../core/index.ts';
import { CONVENTIONS } from '../../../plugins/otel/map/conventions.ts';
import { inputMessages, outputMessages } from '../../../plugins/otel/map/messages.ts';
import { ResourceMap } from '../../../plugins/otel/map/origin.ts';
import { type SpanStyle, spanMap } from '../../../plugins/otel/map/spans.ts';

const registry = createRequire(import.meta.url)('@opentelemetry/semantic-conventions/incubating');
const REGISTERED = new Set<unknown>(Object.values(registry));

const resources = new ResourceMap({ serviceName: 'shop', attributes: {} }, 'test');

function spanOf(fields: object): AnyExportedSpan {
  return {
    id: 'b7ad6b7169203331',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    name: 'work',
    type: 'generic',
    isRootSpan: true,
    isEvent: false,
    seq: 2,
    status: 'ok',
    startTime: new Date(0),
    startUnixMicro: 1e15,
    endUnixMicro: 1e15 + 5,
    ...fields,
  } as AnyExportedSpan;
}

const mapped = (fields: object, style: Partial<SpanStyle> = {}) =>
  spanMap({ attributes: 'gen_ai', conventions: '1.41', ...style }, resources)(spanOf(fields));

const CALL = {
  type: 'model_generation',
  name: 'answer',
  attributes: {
    model: 'm-1',
    responseModel: 'm-1-0101',
    provider: 'openai',
    responseId: 'r-1',
    parameters: {
      temperature: 0.5,
      topP: 0.9,
      topK: 4,
      maxOutputTokens: 100,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      stopSequences: ['END'],
      seed: 7,
      effort: 'high',
    },
    usage: {
      inputTokens: 30,
      outputTokens: 20,
      inputDetails: { text: 12, cacheRead: 10, cacheWrite: 5, audio: 2, image: 1 },
      outputDetails: { text: 12, reasoning: 8 },
    },
    cost: { input: 0.1, output: 0.2, total: 0.3, currency: 'USD' },
    finishReason: 'stop',
    streaming: true,
    timeToFirstTokenMs: 250,
    custom: { a: 1 },
  },
};

describe('spans in OpenTelemetry names', () => {
  it('use only names that the registry of 1.41 has', () => {
    const { call, usage, operations } = CONVENTIONS['1.41'];
    for (const [attribute] of [...call, ...usage]) expect(REGISTERED, attribute).to.include(attribute);
    expect(REGISTERED).to.include('gen_ai.operation.name');
    expect(new Set(Object.values(operations)).size).to.equal(6);
  });

  it('carry a model call', () => {
    const { attributes, name, kind } = mapped(CALL);
    expect({ name, kind }).to.deep.equal({ name: 'chat m-1', kind: 'client' });
    expect(attributes).to.deep.equal({
      'obs.span.type': 'model_generation',
      'obs.span.name': 'answer',
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'm-1',
      'gen_ai.response.model': 'm-1-0101',
      'gen_ai.response.id': 'r-1',
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.top_p': 0.9,
      'gen_ai.request.top_k': 4,
      'gen_ai.request.max_tokens': 100,
      'gen_ai.request.presence_penalty': 0.1,
      'gen_ai.request.frequency_penalty': 0.2,
      'gen_ai.request.stop_sequences': ['END'],
      'gen_ai.request.seed': 7,
      'gen_ai.request.stream': true,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.response.time_to_first_chunk': 0.25,
      'gen_ai.usage.input_tokens': 30,
      'gen_ai.usage.output_tokens': 20,
      'gen_ai.usage.cache_read.input_tokens': 10,
      'gen_ai.usage.cache_creation.input_tokens': 5,
      'gen_ai.usage.reasoning.output_tokens': 8,
      'gen_ai.usage.cost': 0.3,
      'obs.usage.text.input_tokens': 12,
      'obs.usage.audio.input_tokens': 2,
      'obs.usage.image.input_tokens': 1,
      'obs.usage.text.output_tokens': 12,
      'obs.cost.input': 0.1,
      'obs.cost.output': 0.2,
      'obs.cost.total': 0.3,
      'obs.cost.currency': 'USD',
      'obs.parameters.effort': 'high',
      custom: '{"a":1}',
    });
  });

  it('use the names of the newer repository when asked', () => {
    const { attributes } = mapped(CALL, { conventions: 'genai' });
    expect(attributes).to.include({
      'gen_ai.usage.cache_write.input_tokens': 5,
      'gen_ai.usage.audio.input_tokens': 2,
      'gen_ai.usage.image.input_tokens': 1,
    });
    expect(attributes).to.not.have.property('gen_ai.usage.cache_creation.input_tokens');
  });

  it('lose nothing that has no name', () => {
    const attributes = {
      usage: { inputTokens: 1, inputDetails: { video: 2 }, requests: 3 },
      cost: { total: 1, tools: 0.5 },
      parameters: { effort: { level: 2 } },
      finishReason: ['stop', 'length'],
      'gen_ai.request.model': 'given under the name itself',
      note: null,
    };
    const named = mapped({ type: 'model_generation', attributes }).attributes;
    expect(named).to.deep.include({
      'obs.usage.inputDetails.video': 2,
      'obs.usage.requests': 3,
      'obs.cost.tools': 0.5,
      'obs.parameters.effort': '{"level":2}',
      'gen_ai.response.finish_reasons': ['stop', 'length'],
      'gen_ai.request.model': 'given under the name itself',
    });
    const odd = { usage: 5, cost: '1 USD', parameters: 'none' };
    expect(mapped({ type: 'model_generation', attributes: odd }).attributes).to.include({
      'obs.usage': 5,
      'obs.cost': '1 USD',
      parameters: 'none',
    });
  });

  it('count the usage of a step for nobody, since its model call has it', () => {
    const { attributes } = mapped({ ...CALL, type: 'model_step' });
    expect(Object.keys(attributes).filter((key) => key.startsWith('gen_ai.usage'))).to.be.empty;
    expect(attributes).to.include({ 'obs.usage.input_tokens': 30 });
  });

  const FORMS: [fields: object, name: string, kind: string, attributes: object][] = [
    [
      { type: 'tool_call', name: 'search' },
      'execute_tool search',
      'internal',
      { 'gen_ai.tool.name': 'search' },
    ],
    [
      { type: 'mcp_tool_call', name: 'call', entityName: 'search', attributes: { toolCallId: 'c-1' } },
      'execute_tool search',
      'client',
      { 'gen_ai.tool.name': 'search', 'gen_ai.tool.call.id': 'c-1' },
    ],
    [
      { type: 'agent_run', name: 'run', entityName: 'support', entityId: 'a-1' },
      'invoke_agent support',
      'internal',
      { 'gen_ai.agent.name': 'support', 'gen_ai.agent.id': 'a-1', 'obs.entity.id': 'a-1' },
    ],
    [
      { type: 'workflow_run', name: 'refund' },
      'invoke_workflow refund',
      'internal',
      { 'gen_ai.workflow.name': 'refund' },
    ],
    [
      { type: 'embedding', attributes: { model: 'e-1', dimensions: 8, usage: { inputTokens: 3 } } },
      'embeddings e-1',
      'client',
      { 'gen_ai.embeddings.dimension.count': 8, 'gen_ai.usage.input_tokens': 3 },
    ],
    [
      { type: 'retrieval', name: 'docs' },
      'retrieval docs',
      'internal',
      { 'gen_ai.operation.name': 'retrieval' },
    ],
    [{ type: 'model_generation' }, 'chat', 'client', { 'obs.span.name': 'work' }],
    [{ type: 'workflow_step', attributes: { stepId: 's' } }, 'work', 'internal', { stepId: 's' }],
    [{ type: 'tool_call', name: 'execute_tool search' }, 'execute_tool search', 'internal', {}],
    [{ metadata: { otel: { kind: 'server' } } }, 'work', 'server', { 'obs.span.type': 'generic' }],
  ];
  for (const [fields, name, kind, expected] of FORMS) {
    it(`name ${JSON.stringify(fields)} "${name}"`, () => {
      const { attributes, ...span } = mapped(fields);
      expect({ name: span.name, kind: span.kind }).to.deep.equal({ name, kind });
      expect(attributes).to.include(expected);
    });
  }

  it('carry whom they belong to, metadata, tags and what was cut', () => {
    const { attributes } = mapped({
      userId: 'u',
      sessionId: 's',
      threadId: 't',
      organizationId: 'o',
      resourceId: 'r',
      runId: 'n',
      requestId: 'q',
      source: 'local',
      metadata: { plan: 'pro', limits: { a: 1 }, gone: null },
      tags: ['beta'],
      truncated: [{ path: 'input.text', reason: 'bytes' }],
    });
    expect(attributes).to.deep.equal({
      'obs.span.type': 'generic',
      'user.id': 'u',
      'session.id': 's',
      'gen_ai.conversation.id': 't',
      'obs.organization.id': 'o',
      'obs.resource.id': 'r',
      'obs.run.id': 'n',
      'obs.request.id': 'q',
      'obs.source': 'local',
      'obs.metadata.plan': 'pro',
      'obs.metadata.limits': '{"a":1}',
      'obs.tags': ['beta'],
      'obs.truncated': true,
      'obs.truncated.paths': ['input.text'],
    });
  });

  it('carry an error as its type and an exception', () => {
    const errorInfo = { message: 'no', name: 'NotFound', code: 'E404', stack: 'at x', details: { id: 1 } };
    const { attributes, events } = mapped({ status: 'error', errorInfo });
    expect(attributes).to.include({ 'error.type': 'NotFound' });
    expect(events).to.deep.equal([
      {
        name: 'exception',
        timeUnixMicro: 1e15 + 5,
        attributes: {
          'exception.message': 'no',
          'exception.type': 'NotFound',
          'exception.stacktrace': 'at x',
          'obs.error.code': 'E404',
          'obs.error.details': '{"id":1}',
        },
      },
    ]);
    expect(mapped({ status: 'error', errorInfo: { message: 'no' } }).attributes).to.include({
      'error.type': '_OTHER',
    });
  });

  it('belong to the resource of this process unless they say otherwise', () => {
    expect(mapped({ serviceName: 'shop', environment: 'test' }).resource).to.equal(undefined);
    expect(mapped({ serviceName: 'other' }).resource).to.deep.equal({
      'telemetry.sdk.name': 'obs-kit',
      'service.name': 'other',
      'deployment.environment.name': 'test',
    });
    expect(mapped({ environment: 'staging' }).resource).to.include({
      'service.name': 'shop',
      'deployment.environment.name': 'staging',
    });
    expect(mapped({ metadata: { otel: { resource: { 'host.name': 'h' } } } }).resource).to.include({
      'host.name': 'h',
    });
  });
});

describe('messages in OpenTelemetry form', () => {
  const text = (content: string) => ({ type: 'text', content });

  it('are made of texts and of the shapes of common libraries', () => {
    expect(inputMessages('hi')).to.deep.equal([{ role: 'user', parts: [text('hi')] }]);
    const given = [
      { role: 'system', content: 'be kind' },
      { role: 'user', content: [{ type: 'text', text: 'hi' }] },
      {
        role: 'assistant',
        content: [{ type: 'tool-call', toolCallId: 'c', toolName: 'search', input: { q: 1 } }],
      },
      { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'c', output: 'found' }] },
    ];
    const expected = [
      { role: 'system', parts: [text('be kind')] },
      { role: 'user', parts: [text('hi')] },
      { role: 'assistant', parts: [{ type: 'tool_call', id: 'c', name: 'search', arguments: { q: 1 } }] },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c', response: 'found' }] },
    ];
    expect(inputMessages(given)).to.deep.equal(expected);
    expect(inputMessages({ messages: given })).to.deep.equal(expected);
    expect(inputMessages(expected)).to.deep.equal(expected);
  });

  it('of an output say why it ended', () => {
    const message = { role: 'assistant', parts: [text('hi')] };
    expect(outputMessages('hi', 'stop')).to.deep.equal([{ finish_reason: 'stop', ...message }]);
    expect(outputMessages({ text: 'hi' }, undefined)).to.deep.equal([
      { finish_reason: 'unknown', ...message },
    ]);
    expect(outputMessages({ role: 'assistant', content: 'hi' }, 'stop')).to.deep.equal([
      { finish_reason: 'stop', ...message },
    ]);
    expect(outputMessages([{ ...message, finish_reason: 'length' }], 'stop')).to.deep.equal([
      { ...message, finish_reason: 'length' },
    ]);
  });

  it('are not made of anything else, which stays as it is in obs.input and obs.output', () => {
    for (const other of [
      [],
      [1],
      { messages: [], tools: [] },
      [{ content: 'no role' }],
      [{ role: 'user', content: 7 }],
      [{ role: 'user', content: 'x', extra: 'would be lost' }],
      [{ role: 'user', content: [{ text: 'no type' }] }],
      { text: 'hi', toolCalls: [] },
    ]) {
      expect(inputMessages(other), JSON.stringify(other)).to.equal(undefined);
      expect(outputMessages(other, 'stop'), JSON.stringify(other)).to.equal(undefined);
    }
    const { attributes } = mapped({ ...CALL, input: { q: 1 }, output: [1] });
    expect(attributes).to.include({ 'obs.input': '{"q":1}', 'obs.output': '[1]' });
    const spoken = mapped({ ...CALL, input: 'hi', output: 'ho' }).attributes;
    expect(spoken).to.include({
      'gen_ai.input.messages': '[{"role":"user","parts":[{"type":"text","content":"hi"}]}]',
    });
    const tool = mapped({ type: 'tool_call', input: { q: 1 }, output: 'found' }).attributes;
    expect(tool).to.include({ 'gen_ai.tool.call.arguments': '{"q":1}', 'gen_ai.tool.call.result': 'found' });
  });
});

describe('spans in OpenInference names', () => {
  const openInference = (fields: object) => mapped(fields, { attributes: 'openinference' });

  it('carry a model call', () => {
    const { attributes, name } = openInference({
      ...CALL,
      input: [{ role: 'user', content: 'hi' }],
      output: 'ho',
      metadata: { plan: 'pro' },
      tags: ['beta'],
      userId: 'u',
      threadId: 't',
    });
    expect(name).to.equal('answer');
    expect(attributes).to.deep.equal({
      'openinference.span.kind': 'LLM',
      'obs.span.type': 'model_generation',
      'user.id': 'u',
      'obs.thread.id': 't',
      'input.value': '[{"role":"user","content":"hi"}]',
      'input.mime_type': 'application/json',
      'output.value': 'ho',
      'output.mime_type': 'text/plain',
      'llm.provider': 'openai',
      'llm.model_name': 'm-1-0101',
      'llm.invocation_parameters': JSON.stringify(CALL.attributes.parameters),
      'llm.token_count.prompt': 30,
      'llm.token_count.completion': 20,
      'llm.token_count.prompt_details.cache_read': 10,
      'llm.token_count.prompt_details.cache_write': 5,
      'llm.token_count.prompt_details.audio': 2,
      'llm.token_count.completion_details.reasoning': 8,
      'llm.cost.prompt': 0.1,
      'llm.cost.completion': 0.2,
      'llm.cost.total': 0.3,
      'llm.input_messages.0.message.role': 'user',
      'llm.input_messages.0.message.content': 'hi',
      'llm.output_messages.0.message.role': 'assistant',
      'llm.output_messages.0.message.content': 'ho',
      'tag.tags': ['beta'],
      'obs.finish_reason': 'stop',
      metadata: JSON.stringify({
        responseId: 'r-1',
        finishReason: 'stop',
        streaming: true,
        timeToFirstTokenMs: 250,
        custom: { a: 1 },
        plan: 'pro',
      }),
    });
  });

  it('carry the kind and name of other work', () => {
    expect(openInference({ type: 'agent_run', entityName: 'support' }).attributes).to.include({
      'openinference.span.kind': 'AGENT',
      'agent.name': 'support',
    });
    expect(
      openInference({ type: 'tool_call', name: 'search', input: { q: 1 }, attributes: { toolCallId: 'c' } })
        .attributes,
    ).to.include({
      'openinference.span.kind': 'TOOL',
      'tool.name': 'search',
      'tool.id': 'c',
      'tool.parameters': '{"q":1}',
    });
    expect(
      openInference({ type: 'embedding', attributes: { model: 'e-1', usage: { inputTokens: 3 } } })
        .attributes,
    ).to.include({ 'embedding.model_name': 'e-1', 'llm.token_count.prompt': 3 });
    expect(openInference({ type: 'workflow_step' }).attributes).to.include({
      'openinference.span.kind': 'CHAIN',
    });
  });

  it('do not count the usage of a step', () => {
    const { attributes } = openInference({ ...CALL, type: 'model_step' });
    expect(Object.keys(attributes).filter((key) => key.startsWith('llm.'))).to.be.empty;
    expect(JSON.parse(String(attributes['metadata']))).to.include({ model: 'm-1' });
  });

  it('carry tool calls of a message', () => {
    const parts = [{ type: 'tool_call', id: 'c', name: 'search', arguments: { q: 1 } }];
    const { attributes } = openInference({ ...CALL, output: { role: 'assistant', parts } });
    expect(attributes).to.include({
      'llm.output_messages.0.message.tool_calls.0.tool_call.id': 'c',
      'llm.output_messages.0.message.tool_calls.0.tool_call.function.name': 'search',
      'llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments': '{"q":1}',
    });
  });
});
