import { expect } from 'chai';
import type { AnyExportedSpan, SpanType } from '../../../core/index.ts';
import { type Attributes, toAttributes } from '../../../plugins/langfuse/map/attributes.ts';
import { TraceContexts } from '../../../plugins/langfuse/map/trace-contexts.ts';
import { root, span } from './spans.ts';

const TYPE = 'langfuse.observation.type';
const META = 'langfuse.observation.metadata.';

/** The attributes of a span whose trace is not known. */
function attributesOf(patch: Partial<AnyExportedSpan>): Attributes {
  return toAttributes(span(patch), {});
}

const call = (attributes: Record<string, unknown>, type: SpanType = 'model_generation') =>
  attributesOf({ type, attributes });

describe('a span as attributes of Langfuse', () => {
  const types: Record<SpanType, string> = {
    agent_run: 'agent',
    model_generation: 'generation',
    model_step: 'span',
    model_chunk: 'span',
    tool_call: 'tool',
    mcp_tool_call: 'tool',
    workflow_run: 'chain',
    workflow_step: 'chain',
    workflow_conditional: 'chain',
    workflow_parallel: 'chain',
    workflow_loop: 'chain',
    workflow_sleep: 'span',
    workflow_wait_event: 'span',
    processor_run: 'span',
    scorer_run: 'evaluator',
    memory_operation: 'span',
    retrieval: 'retriever',
    embedding: 'embedding',
    generic: 'span',
  };
  for (const [ours, theirs] of Object.entries(types) as [SpanType, string][])
    it(`calls a ${ours} a ${theirs}`, () => {
      expect(attributesOf({ type: ours })[TYPE]).to.equal(theirs);
      expect(attributesOf({ type: ours, isEvent: true })[TYPE]).to.equal('event');
    });

  it('calls a type that it does not know a span, and keeps it', () => {
    for (const type of ['made_up', 'toString', '__proto__'])
      expect(attributesOf({ type: type as SpanType })).to.include({
        [TYPE]: 'span',
        [`${META}spanType`]: type,
      });
  });

  it('is complete for a model call', () => {
    const attributes = attributesOf({
      type: 'model_generation',
      name: 'chat',
      userId: 'u-1',
      sessionId: 's-1',
      environment: 'Production',
      entityType: 'agent',
      entityName: 'support',
      input: [{ role: 'user', content: 'hi' }],
      output: 'hello',
      attributes: {
        model: 'gpt-5',
        responseModel: 'gpt-5-2025-08-07',
        provider: 'openai',
        parameters: { temperature: 0.2, stopSequences: ['.'] },
        usage: {
          inputTokens: 120,
          outputTokens: 45,
          inputDetails: { cacheRead: 20 },
          outputDetails: { reasoning: 12 },
        },
        cost: { input: 0.001, output: 0.002, total: 0.003 },
        timeToFirstTokenMs: 120.4,
        finishReason: 'stop',
      },
      metadata: {
        plan: 'pro',
        nested: { a: 1 },
        langfuse: { prompt: { name: 'greet', version: 3 }, version: 'v9' },
      },
    });
    expect(attributes).to.deep.equal({
      'langfuse.observation.type': 'generation',
      'user.id': 'u-1',
      'session.id': 's-1',
      'langfuse.environment': 'production',
      'langfuse.version': 'v9',
      'langfuse.observation.input': '[{"role":"user","content":"hi"}]',
      'langfuse.observation.output': 'hello',
      'langfuse.observation.model.name': 'gpt-5-2025-08-07',
      'langfuse.observation.model.parameters': '{"temperature":0.2,"stopSequences":["."]}',
      'langfuse.observation.usage_details':
        '{"input":100,"input_cached_tokens":20,"output":33,"output_reasoning_tokens":12,"total":165}',
      'langfuse.observation.cost_details': '{"input":0.001,"output":0.002,"total":0.003}',
      'langfuse.observation.completion_start_time': '2026-01-02T03:04:05.799Z',
      'langfuse.observation.prompt.name': 'greet',
      'langfuse.observation.prompt.version': 3,
      [`${META}plan`]: 'pro',
      [`${META}nested`]: '{"a":1}',
      [`${META}spanType`]: 'model_generation',
      [`${META}provider`]: 'openai',
      [`${META}finishReason`]: 'stop',
      [`${META}timeToFirstTokenMs`]: '120.4',
      [`${META}requestedModel`]: 'gpt-5',
      [`${META}entityType`]: 'agent',
      [`${META}entityName`]: 'support',
    });
  });

  it('has nothing of gen_ai: Langfuse discards model, tokens and cost beside some of those', () => {
    const attributes = call({ model: 'm', usage: { inputTokens: 1 }, cost: { total: 1 } });
    expect(Object.keys(attributes).filter((key) => key.startsWith('gen_ai'))).to.deep.equal([]);
  });

  it('never has an empty value: Langfuse shows one as the text {}', () => {
    const nothing = { a: null, b: undefined, c: '', d: () => {}, e: Symbol('x') };
    const attributes = attributesOf({
      name: '',
      input: null,
      output: '',
      userId: '',
      sessionId: '',
      environment: '',
      tags: [''],
      type: 'model_generation',
      metadata: nothing,
      attributes: { model: '', parameters: null, usage: {}, cost: {}, ...nothing } as never,
      errorInfo: { message: '' },
    });
    for (const [key, value] of Object.entries(attributes))
      expect(value, key).to.satisfy((one: unknown) =>
        Array.isArray(one) ? one.length > 0 : typeof one === 'string' ? one !== '' : typeof one !== 'object',
      );
    expect(attributes).to.have.keys(TYPE, 'langfuse.observation.level', `${META}spanType`, `${META}error`);
  });

  it('writes what JSON cannot hold as text', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const attributes = attributesOf({ input: 12n, output: circular, metadata: { big: [1n] } });
    expect(attributes).to.include({
      'langfuse.observation.input': '12',
      'langfuse.observation.output': '[unreadable]',
      [`${META}big`]: '[unreadable]',
    });
  });

  it('tells an error by level, message, and its stack in the metadata', () => {
    const errorInfo = {
      message: 'no such order',
      name: 'NotFound',
      code: 'E404',
      stack: 'NotFound: no such order\n  at x',
    };
    expect(attributesOf({ status: 'error', errorInfo })).to.include({
      'langfuse.observation.level': 'ERROR',
      'langfuse.observation.status_message': 'no such order',
      [`${META}error`]: JSON.stringify(errorInfo),
    });
    expect(attributesOf({ status: 'error' })).to.include({ 'langfuse.observation.level': 'ERROR' });
    expect(attributesOf({})).not.to.have.property('langfuse.observation.level');
  });

  it('keeps links in the metadata, where Langfuse would store none', () => {
    const links = [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }];
    expect(attributesOf({ links })).to.include({ [`${META}links`]: JSON.stringify(links) });
  });

  it('says what was cut', () => {
    const truncated = [{ path: 'input', reason: 'bytes' as const, size: 9 }];
    expect(attributesOf({ truncated })).to.include({ [`${META}truncated`]: JSON.stringify(truncated) });
  });

  it('lets metadata win over a fact of the same name, and keeps both', () => {
    expect(attributesOf({ metadata: { toolCallId: 'mine' }, attributes: { toolCallId: 'c-1' } })).to.include({
      [`${META}toolCallId`]: 'mine',
      [`${META}span.toolCallId`]: 'c-1',
    });
  });

  it('reports tokens of a generation and an embedding, and not again of the steps inside', () => {
    const usage = { inputTokens: 3, outputTokens: 4 };
    const key = 'langfuse.observation.usage_details';
    expect(call({ usage })[key]).to.equal('{"input":3,"output":4,"total":7}');
    expect(call({ usage }, 'embedding')[key]).to.equal('{"input":3,"output":4,"total":7}');
    const step = call({ usage, model: 'm' }, 'model_step');
    expect(step).not.to.have.property(key);
    expect(step).to.include({ [`${META}usage`]: JSON.stringify(usage), [`${META}model`]: 'm' });
  });

  const prompts: [string, Record<string, unknown>, number | undefined][] = [
    ['a number', { prompt: { name: 'p', version: 2 } }, 2],
    ['a number as text', { prompt: { name: 'p', version: '2' } }, 2],
    ['an import', { promptName: 'p', promptVersion: 7 }, 7],
    ['no version', { prompt: { name: 'p' } }, undefined],
    ['no name', { prompt: { version: 1 } }, undefined],
    ['half a version', { prompt: { name: 'p', version: 1.5 } }, undefined],
    ['a word as version', { prompt: { name: 'p', version: 'latest' } }, undefined],
  ];
  for (const [what, langfuse, version] of prompts)
    it(`links a prompt by a whole number, or not at all: ${what}`, () => {
      const attributes = attributesOf({ type: 'model_generation', metadata: { langfuse } });
      expect(attributes['langfuse.observation.prompt.version']).to.equal(version);
      expect(attributes['langfuse.observation.prompt.name']).to.equal(
        version === undefined ? undefined : 'p',
      );
    });

  it('links no prompt to what is no model call', () => {
    const attributes = attributesOf({ metadata: { langfuse: { prompt: { name: 'p', version: 2 } } } });
    expect(attributes).not.to.have.property('langfuse.observation.prompt.name');
  });

  it('takes level and status message from hints; an error goes before them', () => {
    const metadata = { langfuse: { level: 'WARNING', statusMessage: 'slow', other: 1 } };
    expect(attributesOf({ metadata })).to.include({
      'langfuse.observation.level': 'WARNING',
      'langfuse.observation.status_message': 'slow',
      [`${META}langfuse`]: '{"other":1}',
    });
    expect(attributesOf({ metadata, status: 'error', errorInfo: { message: 'no' } })).to.include({
      'langfuse.observation.level': 'ERROR',
      'langfuse.observation.status_message': 'no',
    });
    expect(attributesOf({ metadata: { langfuse: { level: 'LOUD' } } })).not.to.have.property(
      'langfuse.observation.level',
    );
  });

  it('keeps a cost in another currency in the metadata: Langfuse takes every amount for dollars', () => {
    const attributes = call({ cost: { total: 1, currency: 'EUR' } });
    expect(attributes).not.to.have.property('langfuse.observation.cost_details');
    expect(attributes).to.include({ [`${META}cost`]: '{"total":1,"currency":"EUR"}' });
  });
});

describe('the context of a trace', () => {
  const CONTEXT = {
    userId: 'u-1',
    sessionId: 's-1',
    tags: ['beta', 'eu'],
    environment: 'production',
    metadata: { plan: 'pro', langfuse: { release: 'r-7', public: true } },
  };
  const ON_EVERY_SPAN = {
    'langfuse.trace.name': 'support',
    'user.id': 'u-1',
    'session.id': 's-1',
    'langfuse.trace.tags': ['beta', 'eu'],
    'langfuse.environment': 'production',
    'langfuse.release': 'r-7',
    'langfuse.trace.public': true,
    'langfuse.trace.metadata.plan': 'pro',
  };

  it('is on every span once the root is known, even if the child says nothing', () => {
    const traces = new TraceContexts();
    traces.learn(root(CONTEXT));
    for (const one of [root(CONTEXT), span(), span({ isEvent: true })])
      expect(toAttributes(one, traces.of(one))).to.deep.include(ON_EVERY_SPAN);
  });

  it('lets a span speak for itself', () => {
    const traces = new TraceContexts();
    traces.learn(root(CONTEXT));
    const own = span({ userId: 'u-2', sessionId: 's-2', environment: 'canary', tags: ['own', 'eu'] });
    expect(toAttributes(own, traces.of(own))).to.deep.include({
      'user.id': 'u-2',
      'session.id': 's-2',
      'langfuse.environment': 'canary',
      'langfuse.trace.tags': ['beta', 'eu', 'own'],
    });
  });

  it('is what a span inherited when the root is not known', () => {
    const inherited = { userId: 'u-1', sessionId: 's-1', environment: 'production' };
    expect(toAttributes(span(inherited), {})).to.include({
      'user.id': 'u-1',
      'session.id': 's-1',
      'langfuse.environment': 'production',
    });
  });

  it('takes a thread for the session where there is no session', () => {
    expect(toAttributes(span({ threadId: 't-1' }), {})).to.include({ 'session.id': 't-1' });
  });

  it('is not said by a span that continues a trace which is known', () => {
    const traces = new TraceContexts();
    const continued = root({ name: 'worker', parentSpanId: 'a'.repeat(16), tags: ['x'] });
    traces.learn(continued);
    expect(traces.of(span()))
      .to.deep.include({ tags: ['x'] })
      .and.not.have.property('name');
    traces.learn(root(CONTEXT));
    traces.learn(continued);
    expect(traces.of(span())).to.include({ name: 'support' });
  });

  it('has short metadata only, since it is repeated on every span', () => {
    const traces = new TraceContexts();
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, i]));
    traces.learn(root({ metadata: { long: 'x'.repeat(201), ...many } }));
    const { metadata } = traces.of(span());
    expect(metadata).not.to.have.property('long');
    expect(Object.keys(metadata ?? {})).to.have.length(32);
  });

  it('forgets the trace that was not seen for longest', () => {
    const traces = new TraceContexts(1);
    const ids = ['1', '2', '3'].map((digit) => digit.repeat(32));
    for (const traceId of [ids[0]!, ids[1]!, ids[0]!, ids[2]!]) traces.learn(root({ traceId }));
    expect(ids.map((traceId) => traces.of(span({ traceId })).name)).to.deep.equal([
      'support',
      undefined,
      'support',
    ]);
  });

  it('is fixed by the options: environment always, release where the trace has none', () => {
    const fixed = { environment: 'Prod EU', release: 'r-1' };
    expect(toAttributes(span({ environment: 'x' }), {}, fixed)).to.include({
      'langfuse.environment': 'prod-eu',
      'langfuse.release': 'r-1',
    });
    expect(toAttributes(span(), { release: 'r-2' }, fixed)).to.include({ 'langfuse.release': 'r-2' });
  });
});
