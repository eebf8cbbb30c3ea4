import {
  forEachInTurns,
  isTooLarge,
  PermanentError,
  type Resource,
  type SendContext,
  type TracingEvent,
} from '../../../core/index.ts';
import { loadEncoder, type OtlpEncoder, type OtlpOrigin, type OtlpSpan } from '../../otel/encoder.ts';
import type { LangfuseClient } from '../client.ts';
import { type Attributes, toAttributes } from '../map/attributes.ts';
import type { TraceContexts } from '../map/trace-contexts.ts';
import type { ResolvedLangfuseOptions } from '../options.ts';
import { cutToFit } from './cut-to-fit.ts';
import type { Refused } from './score-answers.ts';

/** A span that a server finds too large is cut down by this factor, but not to less than this. */
const SHRINK = 4;
const MIN_REQUEST_BYTES = 16_000;

/** A span with its attributes on the wire. */
type Observation = OtlpSpan & { attributes: Attributes };

type SendOptions = Pick<SendContext, 'abortSignal'>;

/** Sends spans, each once, when it has ended. */
export class SpanSender {
  readonly #client: LangfuseClient;
  readonly #options: ResolvedLangfuseOptions;
  readonly #origin: OtlpOrigin;
  readonly #traces: TraceContexts;
  #encoder: Promise<OtlpEncoder> | undefined;

  constructor(
    client: LangfuseClient,
    options: ResolvedLangfuseOptions,
    host: { traces: TraceContexts; resource?: Resource; version: string },
  ) {
    this.#traces = host.traces;
    this.#client = client;
    this.#options = options;
    this.#origin = {
      resource: resourceAttributes(host.resource),
      scope: { name: 'obs-kit', version: host.version },
    };
  }

  /** Loads what writes the requests; without it the first send does. */
  load(): Promise<OtlpEncoder> {
    this.#encoder ??= loadEncoder('protobuf');
    return this.#encoder;
  }

  /** Sends a request without spans. @throws DestinationError when address or keys are wrong; for nothing else. */
  async probe(): Promise<void> {
    try {
      await this.#post([], {});
    } catch (error) {
      if ((error as Error).name === 'DestinationError') throw error;
    }
  }

  /**
   * Sends the spans that have ended and resolves with those that cannot be sent.
   * @throws PermanentError, to divide the batch, when its request is too large; else what a failed send means.
   */
  async send(events: readonly TracingEvent[], context: SendOptions): Promise<Refused[]> {
    // The root of a trace ends last: its children in the same batch are told before they are written.
    for (const { exportedSpan } of events) this.#traces.learn(exportedSpan);
    const indices: number[] = [];
    const observations: Observation[] = [];
    await forEachInTurns(events, ({ type, exportedSpan: span }, index) => {
      if (type !== 'span.ended') return;
      indices.push(index);
      observations.push({ span, attributes: toAttributes(span, this.#traces.of(span), this.#options) });
    });
    const refused = await this.#sendAll(observations, context);
    return refused.map(({ index, reason }) => ({ index: indices[index] ?? index, reason }));
  }

  async #sendAll(observations: readonly Observation[], context: SendOptions): Promise<Refused[]> {
    if (observations.length === 0) return [];
    if (observations.length > 1) return this.#post(observations, context);
    return this.#sendOne(observations[0]!, context);
  }

  /** A span that is too large for a request is cut; one that is so for the server, again and again. */
  async #sendOne(observation: Observation, context: SendOptions): Promise<Refused[]> {
    let maxBytes = this.#options.maxRequestBytes;
    for (;;) {
      const fitting = await this.#fitted(observation, maxBytes);
      if (!fitting) return [{ index: 0, reason: `the span is larger than ${maxBytes} bytes, even when cut` }];
      try {
        return await this.#post([fitting], context);
      } catch (error) {
        maxBytes = Math.min(maxBytes, await this.#sizeOf(fitting)) / SHRINK;
        if (!isTooLarge(error) || maxBytes < MIN_REQUEST_BYTES) throw error;
      }
    }
  }

  async #fitted(observation: Observation, maxBytes: number): Promise<Observation | undefined> {
    const size = await this.#sizeOf(observation);
    if (size <= maxBytes) return observation;
    const attributes = cutToFit(observation.attributes, size - maxBytes);
    return attributes && { ...observation, attributes };
  }

  async #sizeOf(observation: Observation): Promise<number> {
    const encoder = await this.load();
    return (await encoder.traces([observation], this.#origin)).bytes.length;
  }

  async #post(
    observations: readonly Observation[],
    { abortSignal }: Partial<SendOptions>,
  ): Promise<Refused[]> {
    const encoder = await this.load();
    const { bytes, rejected } = await encoder.traces(observations, this.#origin);
    if (bytes.length > this.#options.maxRequestBytes && observations.length > 1)
      throw new PermanentError(`${bytes.length} bytes are too many for one request`);
    const answer = await this.#client.sendTraces(bytes, encoder.contentType, abortSignal);
    const contentType = answer.headers.get('content-type') ?? undefined;
    const partial = encoder.partialSuccess('traces', { contentType, body: answer.body });
    return [...rejected, ...unnamed(partial?.rejected ?? 0, partial?.message, observations.length)];
  }
}

/** Refused spans of which the server does not say which they are: an index outside of the batch stands for each. */
function unnamed(count: number, message = '', size: number): Refused[] {
  const reason = message || 'no reason given';
  if (count >= size) return Array.from({ length: size }, (_, index) => ({ index, reason }));
  return Array.from({ length: count }, (_, index) => ({ index: -1 - index, reason }));
}

function resourceAttributes(resource: Resource | undefined): Record<string, string> {
  if (!resource) return {};
  const { serviceName, serviceVersion, attributes } = resource;
  return {
    ...attributes,
    'service.name': serviceName,
    ...(serviceVersion && { 'service.version': serviceVersion }),
  };
}
