import type { BaseObservabilityInstance } from '../../../core/index.ts';
import type { MastraDropEvent, MastraInitOptions, MastraLogger } from '../shape/exporter.ts';
import type {
  MastraFeedbackEvent,
  MastraLogEvent,
  MastraMetricEvent,
  MastraScoreEvent,
} from '../shape/signals.ts';
import type { MastraTracingEvent } from '../shape/span.ts';
import { SignalsIn, type SignalsInOptions } from './signals.ts';
import { SpansIn } from './spans.ts';

/** What {@link toMastra} needs of an instance. */
export type MastraTarget = Pick<
  BaseObservabilityInstance,
  | 'emitTracingEvent'
  | 'emitMetricEvent'
  | 'emitLogEvent'
  | 'emitScoreEvent'
  | 'emitFeedbackEvent'
  | 'flush'
  | 'shutdown'
>;

/** How a Mastra application feeds this host. */
export interface ToMastraOptions extends SignalsInOptions {
  /** Name among the exporters of the application. Default `obs-kit`. */
  name?: string;
  /**
   * What the shutdown of the Mastra application does here: `flush` (default) leaves the instance to whoever made it,
   * `close` shuts it down too.
   */
  onShutdown?: 'flush' | 'close';
}

type Handle<E> = (event: E) => Promise<void>;

/** An exporter object with all handlers of Mastra's interface. */
export interface FeedingExporter {
  readonly name: string;
  init(options: MastraInitOptions): void;
  __setLogger(logger: MastraLogger): void;
  onTracingEvent: Handle<MastraTracingEvent>;
  exportTracingEvent: Handle<MastraTracingEvent>;
  onLogEvent: Handle<MastraLogEvent>;
  onMetricEvent: Handle<MastraMetricEvent>;
  onScoreEvent: Handle<MastraScoreEvent>;
  onFeedbackEvent: Handle<MastraFeedbackEvent>;
  onDroppedEvent: Handle<MastraDropEvent>;
  flush(): Promise<void>;
  shutdown(): Promise<void>;
}

/**
 * An exporter for the `exporters` of a Mastra application that hands all five signals to an instance of this host:
 * ids unchanged, through enrichment, redaction and the processors of plugins. What Mastra sampled is not sampled
 * again. No handler throws or waits.
 */
export function toMastra(obs: MastraTarget, options: ToMastraOptions = {}): FeedingExporter {
  const { name = 'obs-kit', onShutdown = 'flush' } = options;
  const spans = new SpansIn();
  const signals = new SignalsIn(spans, options);
  const onTracingEvent: Handle<MastraTracingEvent> = async (event) => {
    for (const own of spans.take(event)) obs.emitTracingEvent(own);
  };
  return {
    name,
    init({ config }) {
      if (config?.serviceName) spans.serviceName = config.serviceName;
    },
    __setLogger() {},
    onTracingEvent,
    exportTracingEvent: onTracingEvent,
    onLogEvent: async ({ log }) => obs.emitLogEvent(signals.log(log)),
    onMetricEvent: async ({ metric }) => obs.emitMetricEvent(signals.metric(metric)),
    onScoreEvent: async ({ score }) => obs.emitScoreEvent(signals.score(score)),
    onFeedbackEvent: async ({ feedback }) => obs.emitFeedbackEvent(signals.feedback(feedback)),
    onDroppedEvent: async (drop) => obs.emitLogEvent(signals.loss(drop)),
    flush: async () => void (await obs.flush()),
    shutdown: async () => void (await (onShutdown === 'close' ? obs.shutdown() : obs.flush())),
  };
}
