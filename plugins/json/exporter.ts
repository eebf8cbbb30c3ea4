import {
  bySignal,
  type DeliverOptions,
  DestinationError,
  type EventOf,
  type FeedbackEvent,
  forEachInTurns,
  type LogEvent,
  type MetricEvent,
  messageOf,
  type ObservabilityEvent,
  type ObservabilityExporter,
  type PartialResult,
  PermanentError,
  parseOptions,
  printableJson,
  RetryableError,
  type ScoreEvent,
  type SendContext,
  type Signal,
  type TracingEvent,
} from '../../core/index.ts';
import { destinationOf } from './client.ts';
import type { Destination, Progress } from './destination.ts';
import { toLine } from './map.ts';
import { type JsonOptions, jsonOptions } from './options.ts';
import { pretty } from './pretty.ts';

/** Writing costs by the batch as well as by the line. */
const BATCH: DeliverOptions = { maxItems: 2_048 };

/**
 * Writes every event of all five signals as one line, in the order of the calls, to a file, stdout or stderr.
 * The plugin `json` is made of it; by hand it is an exporter like any other, whose relative paths start at the
 * working directory. A handler resolves when the system has the line, `flush` when the disk has it.
 */
export class JsonExporter implements ObservabilityExporter {
  readonly name = 'json';
  readonly delivery = bySignal(() => BATCH);
  readonly #destination: Destination;
  readonly #format: 'json' | 'pretty';
  readonly #progress = new Map<Signal, Progress & { batchId: string }>();
  #isShutDown = false;
  #tail: Promise<unknown> = Promise.resolve();

  /** @throws ObsError `OBS_PLUGIN_OPTIONS` that names each wrong option. */
  constructor(options: JsonOptions = {}) {
    const resolved = parseOptions('JsonExporter', jsonOptions, options);
    this.#destination = destinationOf(resolved);
    this.#format = resolved.format ?? (this.#destination.isTerminal ? 'pretty' : 'json');
  }

  /** Opens the destination; without it the first event does. @throws ObsError `OBS_FILE_PATH`. */
  init(): Promise<void> {
    return this.#inOrder(() => this.#destination.open());
  }

  onTracingEvent(event: TracingEvent): Promise<void> {
    return this.#one(event);
  }
  onMetricEvent(event: MetricEvent): Promise<void> {
    return this.#one(event);
  }
  onLogEvent(event: LogEvent): Promise<void> {
    return this.#one(event);
  }
  onScoreEvent(event: ScoreEvent): Promise<void> {
    return this.#one(event);
  }
  onFeedbackEvent(event: FeedbackEvent): Promise<void> {
    return this.#one(event);
  }

  /**
   * Writes a batch. An event that cannot be put into a line is rejected, the others are written. A repeated attempt
   * goes on where the last one stopped, so a line is not written twice.
   */
  async send<S extends Signal>(
    signal: S,
    batch: readonly EventOf[S][],
    { batchId, abortSignal }: Pick<SendContext, 'batchId' | 'abortSignal'>,
  ): Promise<void | PartialResult> {
    let progress = this.#progress.get(signal);
    if (progress?.batchId !== batchId) progress = { batchId, done: 0 };
    this.#progress.set(signal, progress);
    const rejected = await this.#write(batch, progress, abortSignal);
    if (rejected.length > 0) return { rejected };
  }

  /** Resolves when everything written before the call is on disk. */
  flush(): Promise<void> {
    return this.#inOrder(() => this.#destination.sync());
  }

  /** Flushes and closes; events after that are refused. Safe to repeat. */
  shutdown(): Promise<void> {
    return this.#inOrder(async () => {
      this.#isShutDown = true;
      await this.#destination.close();
    });
  }

  async #one(event: ObservabilityEvent): Promise<void> {
    const [rejected] = await this.#write([event], { done: 0 });
    if (rejected) throw new PermanentError(rejected.reason);
  }

  /** Lines are made when their turn has come, so what waits costs no more than its events. */
  #write(batch: readonly ObservabilityEvent[], progress: Progress, abortSignal?: AbortSignal) {
    return this.#inOrder(async () => {
      if (this.#isShutDown) throw new PermanentError('the exporter has been shut down');
      const { lines, rejected } = await this.#linesOf(batch);
      await this.#append(lines, progress, abortSignal);
      return rejected;
    });
  }

  /** Where nothing can be written, that is no fault of the events: they wait, as one batch, of which some lines are there. */
  async #append(lines: readonly string[], progress: Progress, abortSignal?: AbortSignal): Promise<void> {
    try {
      await this.#destination.append(lines, progress, abortSignal);
    } catch (cause) {
      if (cause instanceof DestinationError || abortSignal?.aborted) throw cause;
      throw new RetryableError(messageOf(cause), { isUnreachable: true, cause });
    }
  }

  async #linesOf(batch: readonly ObservabilityEvent[]) {
    const lines: string[] = [];
    const rejected: { index: number; reason: string }[] = [];
    await forEachInTurns(batch, (event, index) => {
      try {
        lines.push(this.#lineOf(event));
      } catch (error) {
        rejected.push({ index, reason: messageOf(error) });
      }
    });
    return { lines, rejected };
  }

  #lineOf(event: ObservabilityEvent): string {
    if (this.#format === 'json') return printableJson(JSON.stringify(toLine(event)));
    return pretty(event, { colour: this.#destination.hasColour });
  }

  /** One call after another, whatever became of those before. */
  #inOrder<R>(task: () => Promise<R>): Promise<R> {
    const run = this.#tail.then(task);
    this.#tail = run.catch(() => {});
    return run;
  }
}
