import { expect } from 'chai';
import type { ExportedSpan, SpanType } from '../../../core/index.ts';
import { toRow } from '../../../plugins/braintrust/index.ts';
import { root, rootId, span, spanId, traceId } from './events.ts';
import { rowProblems } from './row-rules.ts';

const BARE = {
  id: spanId,
  span_id: spanId,
  root_span_id: traceId,
  span_parents: [rootId],
  created: '2026-01-02T03:04:05.678Z',
  span_attributes: { name: 'lookup order', type: 'tool' },
  metrics: { start: 1_767_323_045.678901, end: 1_767_323_045.691246 },
};

/** What differs from the bare span, and what then differs from the bare row. */
const TABLE: Record<string, [patch: Partial<ExportedSpan>, row: object]> = {
  'ids, times, name and type': [{}, {}],
  'input and output as they are': [
    { input: { order: 17 }, output: [null, 'not found'] },
    { input: { order: 17 }, output: [null, 'not found'] },
  ],
  'an output that is null, false or empty': [
    { input: false, output: null },
    { input: false, output: null },
  ],
  'the message of an error as its error, the rest as metadata': [
    {
      status: 'error',
      errorInfo: { message: 'no such order', name: 'NotFound', code: 'E404', stack: 'at x' },
    },
    { error: 'no such order', metadata: { error: { name: 'NotFound', code: 'E404', stack: 'at x' } } },
  ],
  'an error without a message': [
    { status: 'error', errorInfo: { message: '', name: 'Abort' } },
    { error: 'Abort', metadata: { error: { name: 'Abort' } } },
  ],
  'an error that nobody described': [{ status: 'error' }, { error: 'failed without a message' }],
  'who and what it belongs to, in snake case': [
    { userId: 'u-1', sessionId: 's-1', entityType: 'tool', environment: 'test', serviceName: 'bot' },
    {
      metadata: {
        user_id: 'u-1',
        session_id: 's-1',
        entity_type: 'tool',
        environment: 'test',
        service_name: 'bot',
      },
    },
  ],
  'its metadata at the top, its attributes together': [
    { metadata: { attempt: 1 }, attributes: { toolCallId: 'call_1', success: false } },
    { metadata: { attempt: 1, attributes: { toolCallId: 'call_1', success: false } } },
  ],
  'metadata under a taken name below metadata.metadata': [
    { metadata: { user_id: 'other', metadata: 1, attempt: 2 }, userId: 'u-1' },
    {
      metadata: { user_id: 'u-1', attempt: 2, metadata: { user_id: 'other', metadata: 1 } },
    },
  ],
  'tags of a child as metadata': [{ tags: ['a'] }, { metadata: { tags: ['a'] } }],
  'links, scope and what was cut as metadata': [
    {
      links: [{ traceId: 't', spanId: 's' }],
      scope: { name: 'lib' },
      truncated: [{ path: 'input', reason: 'bytes', size: 9 }],
    },
    {
      metadata: {
        links: [{ traceId: 't', spanId: 's' }],
        scope: { name: 'lib' },
        obs_truncated: [{ path: 'input', reason: 'bytes', size: 9 }],
      },
    },
  ],
  'a point in time': [{ isEvent: true }, { metadata: { is_event: true } }],
  'an end before its start as no duration': [
    { endUnixMicro: 5 },
    { metrics: { start: BARE.metrics.start, end: BARE.metrics.start } },
  ],
  'a model call with its model, parameters, tokens, cost and first token': [
    {
      name: 'answer',
      type: 'model_generation',
      input: { messages: [{ role: 'user', content: 'hi' }] },
      attributes: {
        model: 'gpt-5',
        provider: 'openai',
        parameters: { temperature: 0.2, maxOutputTokens: 100, topP: 1, stopSequences: ['.'], tools: [] },
        usage: {
          inputTokens: 120,
          inputDetails: { text: 90, cacheRead: 20, cacheWrite: 10 },
          outputTokens: 45,
          outputDetails: { text: 33, reasoning: 12 },
        },
        cost: { input: 0.25, output: 0.5, total: 0.75 },
        finishReason: 'stop',
        timeToFirstTokenMs: 321.5,
      },
    },
    {
      span_attributes: { name: 'answer', type: 'llm' },
      input: [{ role: 'user', content: 'hi' }],
      metrics: {
        ...BARE.metrics,
        prompt_tokens: 120,
        prompt_cached_tokens: 20,
        prompt_cache_creation_tokens: 10,
        completion_tokens: 45,
        completion_reasoning_tokens: 12,
        tokens: 165,
        estimated_cost: 0.75,
        time_to_first_token: 0.3215,
      },
      metadata: {
        model: 'gpt-5',
        provider: 'openai',
        temperature: 0.2,
        max_tokens: 100,
        top_p: 1,
        stop: ['.'],
        tools: [],
        attributes: {
          cost: { input: 0.25, output: 0.5, total: 0.75 },
          finishReason: 'stop',
          timeToFirstTokenMs: 321.5,
        },
      },
    },
  ],
  'parameters under a taken name with the attributes': [
    {
      type: 'model_generation',
      attributes: {
        model: 'gpt-5',
        parameters: { model: 'gpt-5-x', seed: 1, metadata: {}, topP: 1, top_p: 0 },
      },
    },
    {
      span_attributes: { name: 'lookup order', type: 'llm' },
      metadata: {
        model: 'gpt-5',
        seed: 1,
        top_p: 1,
        attributes: { parameters: { model: 'gpt-5-x', metadata: {}, top_p: 0 } },
      },
    },
  ],
  'tokens of which only the buckets are known': [
    {
      type: 'model_generation',
      attributes: { usage: { inputDetails: { text: 7, cacheRead: 3, audio: 2 }, outputTokens: 5 } },
    },
    {
      span_attributes: { name: 'lookup order', type: 'llm' },
      metrics: {
        ...BARE.metrics,
        prompt_tokens: 12,
        prompt_cached_tokens: 3,
        prompt_audio_tokens: 2,
        completion_tokens: 5,
        tokens: 17,
      },
    },
  ],
  'counts that are none as metadata, never as metrics': [
    {
      type: 'model_generation',
      attributes: { usage: { inputTokens: 1.5, outputTokens: -1 }, cost: { total: Number.NaN } } as never,
    },
    {
      span_attributes: { name: 'lookup order', type: 'llm' },
      metadata: {
        attributes: { usage: { inputTokens: 1.5, outputTokens: -1 }, cost: { total: Number.NaN } },
      },
    },
  ],
  'money of another currency as metadata only': [
    { type: 'model_generation', attributes: { cost: { total: 3, currency: 'EUR' } } },
    {
      span_attributes: { name: 'lookup order', type: 'llm' },
      metadata: { attributes: { cost: { total: 3, currency: 'EUR' } } },
    },
  ],
  'the tokens of a step as metadata only, since its generation counts them': [
    { type: 'model_step', attributes: { model: 'gpt-5', usage: { inputTokens: 1, outputTokens: 2 } } },
    {
      span_attributes: { name: 'lookup order', type: 'function' },
      metadata: { model: 'gpt-5', attributes: { usage: { inputTokens: 1, outputTokens: 2 } } },
    },
  ],
};

describe('a row of Braintrust', () => {
  for (const [what, [patch, row]] of Object.entries(TABLE)) {
    it(`has ${what}`, () => {
      const made = toRow(span(patch));
      expect(made).to.deep.equal({ ...BARE, ...row });
      if (!what.includes('counts that are none')) expect(rowProblems(made)).to.deep.equal([]);
    });
  }

  it('of a root has no parent, and its tags without repeats', () => {
    const made = toRow(root({ tags: ['b', 'a', 'b'] }));
    expect(made).to.deep.include({ id: rootId, span_id: rootId, root_span_id: traceId, span_parents: [] });
    expect(made.tags).to.deep.equal(['b', 'a']);
    expect(made).not.to.have.property('metadata');
  });

  it('has the time of its span to the microsecond', () => {
    const { metrics } = toRow(span());
    expect(Math.round(metrics.start * 1e6)).to.equal(span().startUnixMicro);
    expect(Math.round(metrics.end! * 1e6)).to.equal(span().endUnixMicro);
  });

  it('leaves the messages of a call in place where more is said beside them', () => {
    const input = { messages: ['a'], tools: [] };
    expect(toRow(span({ type: 'model_generation', input })).input).to.equal(input);
    expect(toRow(span({ input: { messages: ['a'] } })).input).to.deep.equal({ messages: ['a'] });
  });

  const TYPES: Record<string, SpanType[]> = {
    task: ['agent_run', 'workflow_run'],
    llm: ['model_generation', 'embedding'],
    tool: ['tool_call', 'mcp_tool_call'],
    score: ['scorer_run'],
    function: [
      'generic',
      'workflow_step',
      'workflow_loop',
      'model_step',
      'model_chunk',
      'retrieval',
      'memory_operation',
      'processor_run',
    ],
  };
  for (const [type, spanTypes] of Object.entries(TYPES)) {
    it(`is of type ${type} for ${spanTypes.join(', ')}`, () => {
      for (const spanType of spanTypes)
        expect(toRow(span({ type: spanType })).span_attributes.type).to.equal(type);
    });
  }

  it('is a function for a type of tomorrow', () => {
    expect(toRow(span({ type: 'constructor' as never })).span_attributes.type).to.equal('function');
  });
});
