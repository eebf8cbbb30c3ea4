import type { LoggerContext } from '../signals/logs.ts';
import type { MetricsContext } from '../signals/metrics.ts';
import type { Span } from '../signals/span.ts';
import { createObservabilityContext, currentSpan, type ObservabilityContextMixin } from './context.ts';

/** What the factories need of a running instance; without one they give no-ops. */
export interface ContextSource {
  logger: LoggerContext;
  metrics: MetricsContext;
}

/** What a tool is called with beside its input. */
export interface ToolExecutionContext extends ObservabilityContextMixin {
  toolCallId?: string;
  toolName?: string;
  abortSignal?: AbortSignal;
}

/** What a workflow step's `execute` is called with. */
export interface ExecuteFunctionParams<Input = unknown> extends ObservabilityContextMixin {
  inputData: Input;
  runId?: string;
  stepId?: string;
  abortSignal?: AbortSignal;
}

/** What a processor of messages is called with. */
export interface ProcessorContext<Messages = unknown> extends ObservabilityContextMixin {
  messages: Messages;
  phase?: string;
  abortSignal?: AbortSignal;
}

type Own<C> = Omit<C, keyof ObservabilityContextMixin>;

/** The observability parts of a unit of work: real ones on the given or current span, no-ops without an instance. */
export function contextOf(obs: ContextSource | undefined, span?: Span): ObservabilityContextMixin {
  if (!obs) return createObservabilityContext();
  return createObservabilityContext({ currentSpan: span ?? currentSpan() }, obs.logger, obs.metrics);
}

/** The context of a tool call. */
export function createToolExecutionContext(
  obs: ContextSource | undefined,
  own: Own<ToolExecutionContext> = {},
  span?: Span,
): ToolExecutionContext {
  return { ...own, ...contextOf(obs, span) };
}

/** The parameters of a workflow step. */
export function createExecuteFunctionParams<Input>(
  obs: ContextSource | undefined,
  own: Own<ExecuteFunctionParams<Input>>,
  span?: Span,
): ExecuteFunctionParams<Input> {
  return { ...own, ...contextOf(obs, span) };
}

/** The context of a processor. */
export function createProcessorContext<Messages>(
  obs: ContextSource | undefined,
  own: Own<ProcessorContext<Messages>>,
  span?: Span,
): ProcessorContext<Messages> {
  return { ...own, ...contextOf(obs, span) };
}
