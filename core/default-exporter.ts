import type { ObservabilityExporter } from './contract/exporter.ts';
import type { ObservabilityStorage } from './contract/store.ts';
import { writeSpanEvent } from './entry/connect.ts';
import type { FeedbackEvent } from './signals/feedback.ts';
import type { LogEvent } from './signals/logs.ts';
import type { MetricEvent } from './signals/metrics.ts';
import type { ScoreEvent } from './signals/scores.ts';
import type { TracingEvent } from './signals/tracing.ts';

type Handler<E> = (event: E) => Promise<void>;

/**
 * A store in the clothes of an exporter, for code that registers exporter objects by hand: it writes each event as it
 * comes (the `realtime` way). A store declared in a config is connected by its strategy hints instead, which is faster.
 * Handlers are present for the signals that the store hints at.
 */
export class DefaultExporter implements ObservabilityExporter {
  readonly name = 'default';
  declare readonly onTracingEvent?: Handler<TracingEvent>;
  declare readonly onMetricEvent?: Handler<MetricEvent>;
  declare readonly onLogEvent?: Handler<LogEvent>;
  declare readonly onScoreEvent?: Handler<ScoreEvent>;
  declare readonly onFeedbackEvent?: Handler<FeedbackEvent>;
  readonly #store: ObservabilityStorage;

  constructor(store: ObservabilityStorage) {
    this.#store = store;
    if (store.tracingStrategy) this.onTracingEvent = (event) => writeSpanEvent(store, event);
    if (store.metricsStrategy)
      this.onMetricEvent = async (event) => void (await store.batchCreateMetrics({ records: [event] }));
    if (store.logsStrategy)
      this.onLogEvent = async (event) => void (await store.batchCreateLogs({ records: [event] }));
    if (store.scoresStrategy)
      this.onScoreEvent = async (event) => void (await store.batchCreateScores({ records: [event] }));
    if (store.feedbackStrategy) {
      this.onFeedbackEvent = async (event) => void (await store.batchCreateFeedback({ records: [event] }));
    }
  }

  init(): Promise<void> {
    return this.#store.init();
  }

  async flush(): Promise<void> {}

  shutdown(): Promise<void> {
    return this.#store.close();
  }
}
