/** Compile-time tests: this file is checked by `tsc --noEmit` and never run. */
import type { BaseObservabilityInstance } from '../../core/instance.ts';
import type { Span, SpanEnd, SpanOptions, SpanUpdate } from '../../core/signals/span.ts';
import type { AttributesOf, SpanAttributesByType, SpanType } from '../../core/signals/span-types.ts';
import type { StartSpanOptions } from '../../core/signals/tracer.ts';

declare const obs: BaseObservabilityInstance;

// Every type of the plan exists, and generic beside them.
export const types = {
  agent_run: true,
  model_generation: true,
  model_step: true,
  model_chunk: true,
  tool_call: true,
  mcp_tool_call: true,
  workflow_run: true,
  workflow_step: true,
  workflow_conditional: true,
  workflow_parallel: true,
  workflow_loop: true,
  workflow_sleep: true,
  workflow_wait_event: true,
  processor_run: true,
  scorer_run: true,
  memory_operation: true,
  retrieval: true,
  embedding: true,
  generic: true,
} satisfies Record<SpanType, true>;

export function attributesFollowTheTypeOfTheSpan(): void {
  obs.startSpan({
    name: 'answer',
    type: 'model_generation',
    attributes: {
      model: 'gpt-5',
      provider: 'openai',
      parameters: { temperature: 0, anythingElse: true },
      usage: { inputTokens: 10, outputTokens: 5, inputDetails: { text: 8, cacheRead: 2 } },
      cost: { total: 0.01, currency: 'USD' },
      finishReason: 'stop',
      timeToFirstTokenMs: 120,
    },
  });
  // @ts-expect-error a model is a text
  obs.startSpan({ name: 'x', type: 'model_generation', attributes: { model: 5 } });
  // @ts-expect-error tokens are numbers
  obs.startSpan({ name: 'x', type: 'model_step', attributes: { usage: { inputTokens: '10' } } });
  // @ts-expect-error a loop has one of three types
  obs.startSpan({ name: 'x', type: 'workflow_loop', attributes: { loopType: 'while' } });
  // @ts-expect-error there is no such type
  obs.startSpan({ name: 'x', type: 'agent' });
  // @ts-expect-error a span has a name
  obs.startSpan({ type: 'tool_call' });
}

export function furtherAttributesAreWelcome(): void {
  obs.startSpan({ name: 'x', type: 'tool_call', attributes: { toolCallId: 'c1', 'my.own': [1, 2] } });
  obs.startSpan({ name: 'x', attributes: { anything: { at: 'all' } } });
}

export function aSpanKnowsItsType(): void {
  const span = obs.startSpan({ name: 'x', type: 'tool_call' });
  span satisfies Span<'tool_call'>;
  span.type satisfies 'tool_call';
  span.end({ attributes: { success: true } });
  // @ts-expect-error success is a flag
  span.end({ attributes: { success: 'yes' } });
  // @ts-expect-error success is a flag
  span.update({ attributes: { success: 1 } });
  // @ts-expect-error success is a flag
  span.error({ error: new Error('x'), attributes: { success: 1 } });
  // @ts-expect-error an error has something to record
  span.error({ endSpan: false });
  // @ts-expect-error a plain span is generic
  obs.startSpan({ name: 'x' }).type satisfies 'tool_call';
}

export function childrenHaveTypesOfTheirOwn(span: Span<'agent_run'>): void {
  span.createChildSpan({ name: 'x', type: 'retrieval', attributes: { topK: 3 } }) satisfies Span<'retrieval'>;
  // @ts-expect-error topK is a number
  span.createChildSpan({ name: 'x', type: 'retrieval', attributes: { topK: '3' } });
  span.createEventSpan({ name: 'x', type: 'model_chunk', output: 'text' }) satisfies Span<'model_chunk'>;
  // @ts-expect-error only an event has an output when it starts
  span.createChildSpan({ name: 'x', output: 'text' });
  // @ts-expect-error a child hangs under its span
  span.createChildSpan({ name: 'x', parent: null });
}

export async function traceReturnsWhatItsFunctionReturns(): Promise<void> {
  obs.trace('x', () => 5) satisfies number;
  (await obs.trace('x', async () => 'text')) satisfies string;
  obs.trace('x', { type: 'scorer_run' }, (span) => {
    span satisfies Span<'scorer_run'>;
    span.update({ attributes: { scorerId: 's' } });
    // @ts-expect-error an id is a text
    span.update({ attributes: { scorerId: 5 } });
    return span.id;
  }) satisfies string;
  for await (const value of obs.trace('x', async function* () {
    yield 1;
  }))
    value satisfies number;
  // @ts-expect-error the name is given once
  obs.trace('x', { name: 'y' }, () => {});
  // @ts-expect-error there is something to run
  obs.trace('x', { type: 'generic' });
  // @ts-expect-error attributes follow the type
  obs.trace('x', { type: 'embedding', attributes: { dimensions: 'many' } }, () => {});
}

export function aSpanOfAnyTypeIsASpan(span: Span<'tool_call'>): void {
  span satisfies Span;
  obs.startSpan({ name: 'x', parent: span });
  obs.startSpan({ name: 'x', parent: null });
  obs.startSpan({ name: 'x', traceparent: undefined });
  obs.startSpan({ name: 'x', traceparent: '00-...', traceId: 'a', parentSpanId: 'b' });
  // @ts-expect-error a parent is a span
  obs.startSpan({ name: 'x', parent: 'a' });
}

export function whatASpanBelongsToIsText(): void {
  obs.startSpan({ name: 'x', userId: 'u', sessionId: 's', environment: 'e', source: 'local' });
  // @ts-expect-error an id is a text
  obs.startSpan({ name: 'x', userId: 5 });
}

export function judgementsOfASpanKnowTheirTarget(span: Span): void {
  span.addScore({ scorerId: 's', score: 1 });
  span.trace.addFeedback({ feedbackType: 'thumbs', value: 1 });
  // @ts-expect-error the ids are known
  span.addScore({ scorerId: 's', score: 1, traceId: 'a' });
  // @ts-expect-error the ids are known
  span.trace.addFeedback({ feedbackType: 'thumbs', value: 1, spanId: 'a' });
}

export function anImmutableSpan(span: Span): void {
  // @ts-expect-error ids do not change
  span.id = 'a';
  // @ts-expect-error the parent does not change
  span.parentSpanId = 'a';
}

export const options = {
  start: {
    name: 'x',
    type: 'agent_run',
    attributes: { maxSteps: 3 },
    traceId: 'a',
  } satisfies StartSpanOptions<'agent_run'>,
  child: {
    name: 'x',
    tags: ['a'],
    links: [{ traceId: 'a', spanId: 'b' }],
    scope: { name: 'lib' },
  } satisfies SpanOptions,
  update: { output: 1, attributes: { chunkType: 'text' } } satisfies SpanUpdate<'model_chunk'>,
  end: { endTime: new Date() } satisfies SpanEnd,
  attributes: { instructions: 'i', more: 1 } satisfies AttributesOf<'agent_run'>,
  // @ts-expect-error the known attributes alone have no room for others
  known: { instructions: 'i', more: 1 } satisfies SpanAttributesByType['agent_run'],
};
