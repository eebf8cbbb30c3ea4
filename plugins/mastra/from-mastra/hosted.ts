import {
  AmbiguousError,
  DestinationError,
  type InitExporterOptions,
  messageOf,
  type ObservabilityExporter,
  type Signal,
} from '../../../core/index.ts';
import type { MastraDropEvent, MastraExporter } from '../shape/exporter.ts';
import { consoleLogger, mastraLogger } from './logger.ts';
import { ModelCalls } from './model-calls.ts';
import type { FromMastraOptions } from './options.ts';
import { Order } from './order.ts';
import { toMastraFeedback, toMastraLog, toMastraMetric, toMastraScore } from './signals.ts';

/** The handlers that Mastra's exporter has, and no others, as those of an exporter of this host. */
export function hosted(foreign: MastraExporter, options: Required<FromMastraOptions>): ObservabilityExporter {
  const calls = new ModelCalls(options.modelInference);
  const order = new Order();
  const onTracing = handing(foreign, foreign.onTracingEvent ?? foreign.exportTracingEvent);
  const onMetric = handing(foreign, foreign.onMetricEvent);
  const onLog = handing(foreign, foreign.onLogEvent);
  const onScore = handing(foreign, foreign.onScoreEvent);
  const onTraceScore = onScore ? undefined : handing(foreign, foreign.addScoreToTrace);
  const onFeedback = handing(foreign, foreign.onFeedbackEvent);
  return {
    name: options.name,
    redelivery: options.redelivery,
    delivery: { tracing: { events: ['span.started', 'span.updated', 'span.ended'] } },
    init: starting(foreign, options.logTo),
    ...(onTracing && {
      tapTracing: (event) => order.emitted(event),
      onTracingEvent: (event) => onTracing(...calls.expand(event)).finally(() => order.handed(event)),
    }),
    ...(onMetric && { onMetricEvent: (event) => onMetric(toMastraMetric(event)) }),
    ...(onLog && { onLogEvent: (event) => onLog(toMastraLog(event)) }),
    ...(onScore && {
      onScoreEvent: async (event) => {
        const score = toMastraScore(event);
        await order.caughtUp(event.traceId);
        return onScore(score);
      },
    }),
    ...(onTraceScore && {
      addScoreToTrace: (score) => order.caughtUp(score.traceId).then(() => onTraceScore(score)),
    }),
    ...(onFeedback && {
      onFeedbackEvent: (event) =>
        order.caughtUp(event.traceId).then(() => onFeedback(toMastraFeedback(event))),
    }),
    flush: async () => foreign.flush?.(),
    shutdown: async () => foreign.shutdown?.(),
  };
}

/** Hands events to one handler, one after the other; undefined where there is no handler. */
function handing<E>(foreign: MastraExporter, handler: ((event: E) => void | Promise<void>) | undefined) {
  if (typeof handler !== 'function') return undefined;
  return async (...events: E[]): Promise<void> => {
    for (const event of events) {
      try {
        await handler.call(foreign, event);
      } catch (cause) {
        throw new AmbiguousError(`the exporter "${foreign.name}" failed: ${messageOf(cause)}`, { cause });
      }
    }
    refuseDisabled(foreign);
  };
}

/** Starts it as Mastra does: logger first; outside of a Mastra application there is no `mastra`. */
function starting(
  foreign: MastraExporter,
  logTo: 'host' | 'console',
): (options: InitExporterOptions) => Promise<void> {
  let isStarted = false;
  return async ({ serviceName, logger, lost }) => {
    if (!isStarted) {
      foreign.__setLogger?.(logTo === 'console' ? consoleLogger() : mastraLogger(logger));
      const emitDropEvent = (drop: MastraDropEvent) => report(drop, lost);
      await foreign.init?.({ config: { name: serviceName, serviceName }, emitDropEvent });
    }
    isStarted = true;
    refuseDisabled(foreign);
  };
}

/** One that switched itself off takes every event and sends none. */
function refuseDisabled(foreign: MastraExporter): void {
  if (foreign.isDisabled !== true) return;
  throw new DestinationError(
    `the exporter "${foreign.name}" has switched itself off, most likely for want of credentials`,
  );
}

const SIGNAL_OF: Record<string, Signal> = {
  tracing: 'tracing',
  metric: 'metrics',
  log: 'logs',
  score: 'scores',
  feedback: 'feedback',
};

/** What the exporter had taken and gave up goes into this host's account of it. */
function report({ signal, count, reason, error }: MastraDropEvent, lost: InitExporterOptions['lost']): void {
  const own = SIGNAL_OF[signal];
  if (own) lost(own, count, error ? `${reason}: ${error.message}` : reason);
}
