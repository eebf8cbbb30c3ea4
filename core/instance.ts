import type { ObservabilityBus } from './bus/bus.ts';
import type { FlushOptions, FlushResult } from './bus/event-bus.ts';
import type { Slot } from './bus/slot.ts';
import type { Clock } from './clock.ts';
import type { ResolvedConfig } from './config/resolved.ts';
import { bind, currentSpan, isSilenced, type ObservabilityContextMixin, runWith } from './context/context.ts';
import { contextOf } from './context/work-contexts.ts';
import type { ObservabilityExporter } from './contract/exporter.ts';
import type { ObservabilityStorage } from './contract/store.ts';
import type { Diagnostics } from './diagnostics/diagnostics.ts';
import type { DiagnosticsBook } from './diagnostics/diagnostics-book.ts';
import type { IdSource } from './ids.ts';
import type { ReloadResult } from './life/reload.ts';
import { isSampled } from './sampling.ts';
import type { EmitterHost } from './signals/emitter.ts';
import { createFeedback, type FeedbackEvent, type FeedbackRequest } from './signals/feedback.ts';
import type { Signal } from './signals/index.ts';
import { createLogger, type LogEvent, type LoggerContext } from './signals/logs.ts';
import { createMetrics, type MetricEvent, type MetricsContext } from './signals/metrics.ts';
import { createScores, type ScoreEvent, type ScoreRequest } from './signals/scores.ts';
import type { Span } from './signals/span.ts';
import { createTracer, type Tracer } from './signals/tracer.ts';
import type { TracingEvent } from './signals/tracing.ts';

/** What an instance is made of. */
export interface InstanceParts {
  slot: Slot;
  bus: ObservabilityBus;
  book: DiagnosticsBook;
  clock: Clock;
  ids: IdSource;
  stores: () => ReadonlyMap<string, ObservabilityStorage>;
  /** Adds an exporter object beside those of the config. */
  addExporter: (exporter: ObservabilityExporter) => void;
  setSignal: (signal: Signal, isOn: boolean | undefined) => void;
  reload: () => Promise<ReloadResult>;
  flush: (options: FlushOptions) => Promise<FlushResult>;
  shutdown: (deadlineMs: number) => Promise<FlushResult>;
}

/**
 * A running instance: the emitters of all five signals, and the means to wait, look and stop. Nothing here throws
 * into the application; what goes wrong is counted in {@link diagnostics}.
 */
export class BaseObservabilityInstance implements Tracer {
  readonly startSpan: Tracer['startSpan'];
  readonly trace: Tracer['trace'];
  readonly logger: LoggerContext;
  readonly metrics: MetricsContext;
  /** Adds a judgement by a program, to the current span unless a target is given. */
  readonly addScore: (request: ScoreRequest) => void;
  /** Adds a judgement by a person, to the current span unless a target is given. */
  readonly addFeedback: (request: FeedbackRequest) => void;
  /** The bus below the emitters, to subscribe to events. */
  readonly bus: ObservabilityBus;
  readonly #parts: InstanceParts;
  #isClosed = false;
  #shutdown: Promise<FlushResult> | undefined;

  constructor(parts: InstanceParts) {
    this.#parts = parts;
    this.bus = parts.bus;
    const host = this.#emitterHost();
    const tracer = createTracer(host);
    this.startSpan = tracer.startSpan;
    this.trace = tracer.trace;
    this.logger = createLogger(host);
    this.metrics = createMetrics(host);
    this.addScore = host.addScore;
    this.addFeedback = host.addFeedback;
  }

  /** The stores of the config in force, by key. */
  get stores(): ReadonlyMap<string, ObservabilityStorage> {
    return this.#parts.stores();
  }

  /** The first store of the config; undefined when there is none. */
  get store(): ObservabilityStorage | undefined {
    return this.stores.values().next().value;
  }

  /** The span that the running code is inside of. */
  currentSpan(): Span | undefined {
    return currentSpan();
  }

  /** A function that runs with the span that is current now, whenever it is called. */
  bind<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
    return bind(fn);
  }

  /** The context of a unit of work: `tracing`, `logger` and `metrics`. */
  context(span?: Span): ObservabilityContextMixin {
    return contextOf(this, span);
  }

  /**
   * Adds an exporter object beside those of the config; refused when its name is taken. A {@link reload} leaves it
   * alone: it keeps what its `init` was told, such as the name of the service; events carry the one of their time.
   */
  registerExporter(exporter: ObservabilityExporter): void {
    this.#parts.addExporter(exporter);
  }

  /**
   * Switches a signal off or on for all plugins, at once; `undefined`: as the config says. It goes before the config,
   * also after a {@link reload}. What is queued is still delivered; a signal that is off costs nothing.
   */
  setSignal(signal: Signal, isOn: boolean | undefined): void {
    this.#parts.setSignal(signal, isOn);
  }

  /**
   * Looks for the config again as `createObs` did, with the same overrides, and runs on what it says now. Entries that
   * say the same as before go on undisturbed; others are drained and closed, and their successors started, within
   * `shutdownTimeoutMs`. Nothing is lost meanwhile. Resolves when what was taken out is closed; what is new starts in
   * the background. Calls run one after the other.
   * @throws ObsError `OBS_CONFIG_INVALID` with all problems of the config, and nothing has changed;
   * `OBS_RELOAD_CLOSED` once the instance is shut down.
   */
  reload(): Promise<ReloadResult> {
    return this.#parts.reload();
  }

  emitTracingEvent(event: TracingEvent): void {
    if (this.#isOn('tracing')) this.bus.emit(event);
  }
  emitMetricEvent(event: MetricEvent): void {
    if (this.#isOn('metrics')) this.bus.emit(event);
  }
  emitLogEvent(event: LogEvent): void {
    if (this.#isOn('logs')) this.bus.emit(event);
  }
  emitScoreEvent(event: ScoreEvent): void {
    if (this.#isOn('scores')) this.bus.emit(event);
  }
  emitFeedbackEvent(event: FeedbackEvent): void {
    if (this.#isOn('feedback')) this.bus.emit(event);
  }

  /** What became of every event, per plugin and signal. */
  diagnostics(): Diagnostics {
    const { book, slot } = this.#parts;
    return { signals: slot.switches, ...book.report() };
  }

  /**
   * Hands everything emitted before the call to the plugins and lets them write it; with `until: 'stored'` it is enough
   * that it lies in their spools. Ends by its deadline.
   */
  flush(options: FlushOptions = {}): Promise<FlushResult> {
    return this.#parts.flush(options);
  }

  /** Flushes, closes every plugin, and accepts nothing more. Safe to repeat; ends by its deadline. */
  shutdown(options: FlushOptions = {}): Promise<FlushResult> {
    this.#shutdown ??= this.#parts.shutdown(options.deadlineMs ?? this.#parts.slot.config.shutdownTimeoutMs);
    this.#isClosed = true;
    return this.#shutdown;
  }

  #isOn(signal: Signal, type?: string): boolean {
    const { slot, book } = this.#parts;
    if (!slot.on[signal] || !this.bus.isHeard(signal, type)) return false;
    if (this.#isClosed) book.dropped(signal, 'after_shutdown');
    else if (isSilenced()) book.dropped(signal, 'inside_tap');
    else return true;
    return false;
  }

  #emitterHost(): EmitterHost {
    const { slot, bus, book, clock, ids } = this.#parts;
    const host: EmitterHost = {
      clock,
      ids,
      ...toldOf(slot.config),
      isOn: (signal, type) => this.#isOn(signal, type),
      emit: (event) => bus.emit(event),
      drop: (signal, reason) => book.dropped(signal, reason),
      refuse: (signal, reason, what) => {
        book.dropped(signal, reason);
        book.warnOnce(`refused ${signal} ${reason}`, `refused a ${signal} event (${reason}): ${what}`);
      },
      sample: (traceId) => isSampled(traceId, slot.config.signals.tracing.sample),
      currentSpan,
      runWith,
      addScore: (request) => addScore(request),
      addFeedback: (request) => addFeedback(request),
    };
    slot.follow((config) => Object.assign(host, toldOf(config)));
    const addScore = createScores(host);
    const addFeedback = createFeedback(host);
    return host;
  }
}

/** What emitters are told of the config. */
function toldOf({ limits, signals, environment, resource: { serviceName } }: ResolvedConfig) {
  return { limits, logLevel: signals.logs.level, origin: Object.freeze({ environment, serviceName }) };
}
