import type {
  MastraDropEvent,
  MastraExporter,
  MastraInitOptions,
  MastraLogger,
  MastraSpan,
  MastraTracingEvent,
} from '../../../plugins/mastra/index.ts';

/** An exporter in Mastra's shape, with the handlers that a test asks for, that keeps what it is handed. */
export class RecordingExporter implements MastraExporter {
  readonly name: string = 'Recording Exporter';
  isDisabled = false;
  /** Calls in order: the name of the handler or step, and for an event its type or id. */
  readonly calls: string[] = [];
  readonly tracing: MastraTracingEvent[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: a test that expects a field reads better without a cast to it
  readonly others: any[] = [];
  initOptions: MastraInitOptions | undefined;
  logger: MastraLogger | undefined;
  /** Thrown by every handler while it is set. */
  failure: Error | undefined;
  declare onLogEvent: NonNullable<MastraExporter['onLogEvent']>;
  declare onMetricEvent: NonNullable<MastraExporter['onMetricEvent']>;
  declare onScoreEvent: NonNullable<MastraExporter['onScoreEvent']>;
  declare onFeedbackEvent: NonNullable<MastraExporter['onFeedbackEvent']>;

  constructor(
    handlers: readonly ('onLogEvent' | 'onMetricEvent' | 'onScoreEvent' | 'onFeedbackEvent')[] = [],
  ) {
    for (const handler of handlers)
      this[handler] = async (event: { type: string }) => this.#keep(handler, event);
  }

  init(options: MastraInitOptions): void {
    this.calls.push('init');
    this.initOptions = options;
  }
  __setLogger(logger: MastraLogger): void {
    this.calls.push('__setLogger');
    this.logger = logger;
  }
  async exportTracingEvent(event: MastraTracingEvent): Promise<void> {
    this.calls.push(`${event.type} ${event.exportedSpan.name}`);
    if (this.failure) throw this.failure;
    this.tracing.push(event);
  }
  async flush(): Promise<void> {
    this.calls.push('flush');
  }
  async shutdown(): Promise<void> {
    this.calls.push('shutdown');
  }

  /** The last that was told of the span with this name. @throws when there is none. */
  span(name: string): MastraSpan & { attributes: Record<string, unknown> } {
    const found = this.tracing.filter(({ exportedSpan }) => exportedSpan.name === name).at(-1);
    if (!found) throw new Error(`no span is named "${name}"`);
    return found.exportedSpan as MastraSpan & { attributes: Record<string, unknown> };
  }

  /** Reports a loss as Mastra's exporters do. */
  drop(event: Partial<MastraDropEvent>): void {
    this.initOptions?.emitDropEvent?.({
      type: 'drop',
      signal: 'tracing',
      reason: 'retry-exhausted',
      count: 1,
      timestamp: new Date(),
      exporterName: this.name,
      ...event,
    });
  }

  async #keep(handler: string, event: { type: string }): Promise<void> {
    this.calls.push(handler);
    if (this.failure) throw this.failure;
    this.others.push(event);
  }
}
