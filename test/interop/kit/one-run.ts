import type { BaseObservabilityInstance, Span } from '../../../core/index.ts';

/** The spans of {@link oneRun}. */
export interface OneRun {
  agent: Span;
  generation: Span;
  tool: Span;
}

/** What the model call of {@link oneRun} used. */
export const USAGE = {
  inputTokens: 100,
  outputTokens: 20,
  inputDetails: { text: 60, cacheRead: 40 },
  outputDetails: { text: 15, reasoning: 5 },
};

/** An agent that asks a model and calls a tool that fails: the smallest run with everything exporters look at. */
export function oneRun(obs: BaseObservabilityInstance): OneRun {
  const agent = obs.startSpan({
    name: 'support',
    type: 'agent_run',
    input: 'where is order 17?',
    userId: 'u-1',
    sessionId: 's-1',
    tags: ['beta'],
  });
  const generation = agent.createChildSpan({
    name: 'answer',
    type: 'model_generation',
    input: { messages: [{ role: 'user', content: 'where is order 17?' }] },
    attributes: { model: 'gpt-4o', provider: 'openai', parameters: { temperature: 0.2 } },
    metadata: { langfuse: { prompt: { name: 'support', version: 3 } } },
  });
  generation.end({
    output: { text: 'let me look' },
    attributes: {
      usage: USAGE,
      cost: { total: 0.0125 },
      finishReason: 'stop',
      responseModel: 'gpt-4o-2024-08-06',
      streaming: true,
      timeToFirstTokenMs: 0,
    },
  });
  const tool = agent.createChildSpan({
    name: 'lookup order',
    type: 'tool_call',
    input: { order: 17 },
    attributes: { toolCallId: 'call_1' },
  });
  tool.error({ error: new RangeError('no such order') });
  agent.end({ output: 'not found' });
  return { agent, generation, tool };
}
