import type { Scope } from '../../../core/index.ts';
import { otlpSpanId, otlpTraceId } from './identity.ts';
import type { Origins } from './origin.ts';
import { hrTime } from './time.ts';
import { otlpAttributes, otlpValue, wellFormed } from './value.ts';

/** A log record, or an event, on the wire. */
export interface OtlpLog {
  timeUnixMicro: number;
  /** 1 to 24; absent: not specified. */
  severityNumber?: number;
  severityText?: string;
  /** Text, or any other value. */
  body?: unknown;
  attributes: Readonly<Record<string, unknown>>;
  /** What the record is an occurrence of, such as `gen_ai.evaluation.result`. */
  eventName?: string;
  traceId?: string;
  spanId?: string;
  scope?: Scope;
  /** Attributes of a resource of its own; default: that of the request. */
  resource?: Readonly<Record<string, unknown>>;
}

const SAMPLED = 1;

/** The record as the serializers read it. @throws RangeError for a record without a valid time. */
export function readableLog(given: OtlpLog, origins: Origins): object {
  const { traceId, spanId, eventName, severityText, severityNumber } = given;
  const { resource, instrumentationScope } = origins.of(given.resource, given.scope);
  const time = hrTime(given.timeUnixMicro);
  return {
    resource,
    instrumentationScope,
    hrTime: time,
    hrTimeObserved: time,
    severityNumber,
    severityText,
    body: otlpValue(given.body),
    attributes: otlpAttributes(given.attributes),
    droppedAttributesCount: 0,
    ...(eventName !== undefined && { eventName: wellFormed(eventName) }),
    ...(traceId !== undefined && {
      spanContext: {
        traceId: otlpTraceId(traceId),
        spanId: spanId === undefined ? undefined : otlpSpanId(spanId),
        traceFlags: SAMPLED,
      },
    }),
  };
}
