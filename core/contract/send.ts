import type { DeliveryOptions } from '../delivery/options.ts';
import type { TracingEventType } from '../signals/tracing.ts';

/** What a send is told about its batch. */
export interface SendContext {
  /** Aborted when the time limit of the send has passed. */
  abortSignal: AbortSignal;
  /** The same for every attempt of the same batch; the halves of one that is divided are `<id>.1` and `<id>.2`. */
  batchId: string;
  /** 1 for the first attempt. */
  attempt: number;
}

/**
 * Events of a batch that the destination refused, by index; the others were accepted. An index outside of the batch, as
 * -1, stands for one event of which the destination did not say which.
 */
export interface PartialResult {
  rejected: readonly { index: number; reason: string }[];
}

/**
 * Sends a batch. Resolving means delivered; `{ rejected }` means delivered but for these; throwing means that the
 * batch is tried again, unless a PermanentError, DestinationError or AmbiguousError says otherwise.
 */
export type Send<E> = (batch: readonly E[], context: SendContext) => Promise<void | PartialResult>;

/** What a plugin asks of the delivery to it; the `delivery` block of its entry wins. */
export interface DeliverOptions extends DeliveryOptions {
  /** Tracing only: the kinds of events it wants. The others are never accepted, so never counted. */
  events?: readonly TracingEventType[];
}
