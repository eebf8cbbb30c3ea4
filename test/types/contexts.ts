/** Compile-time tests: this file is checked by `tsc --noEmit` and never run. */
import {
  createObservabilityContext,
  noOpTracingContext,
  type ObservabilityContextMixin,
  type TracingContext,
} from '../../core/context/context.ts';
import {
  createExecuteFunctionParams,
  createProcessorContext,
  createToolExecutionContext,
  type ExecuteFunctionParams,
  type ProcessorContext,
  type ToolExecutionContext,
} from '../../core/context/work-contexts.ts';
import type { BaseObservabilityInstance } from '../../core/instance.ts';
import type { Span } from '../../core/signals/span.ts';

declare const obs: BaseObservabilityInstance;
declare const span: Span;

noOpTracingContext satisfies TracingContext;
createObservabilityContext() satisfies ObservabilityContextMixin;
createObservabilityContext(
  { currentSpan: span },
  obs.logger,
  obs.metrics,
) satisfies ObservabilityContextMixin;
obs.context() satisfies ObservabilityContextMixin;
obs.bind((a: number, b: string) => `${a}${b}`) satisfies (a: number, b: string) => string;

// The contexts of tools, workflow steps and processors are the mixin and parts of their own.
export function toolContexts(context: ToolExecutionContext): void {
  context satisfies ObservabilityContextMixin;
  context.toolCallId satisfies string | undefined;
  createToolExecutionContext(obs, { toolCallId: 'c1' }, span) satisfies ToolExecutionContext;
  createToolExecutionContext(undefined) satisfies ToolExecutionContext;
  // @ts-expect-error there is no such part
  createToolExecutionContext(obs, { toolId: 'c1' });
}

export function stepParameters(params: ExecuteFunctionParams<{ city: string }>): void {
  params satisfies ObservabilityContextMixin;
  params.inputData.city satisfies string;
  createExecuteFunctionParams(obs, { inputData: { city: 'Bern' } }) satisfies ExecuteFunctionParams<{
    city: string;
  }>;
  // @ts-expect-error a step has an input
  createExecuteFunctionParams(obs, { runId: 'r' });
  // @ts-expect-error the emitters come from the instance
  createExecuteFunctionParams(obs, { inputData: 1, logger: obs.logger });
}

export function processorContexts(context: ProcessorContext<string[]>): void {
  context satisfies ObservabilityContextMixin;
  context.messages satisfies string[];
  createProcessorContext(obs, { messages: ['m'], phase: 'input' }) satisfies ProcessorContext<string[]>;
  // @ts-expect-error a processor has messages
  createProcessorContext(obs, { phase: 'input' });
}
