import { messageOf, nextTurn } from '../../core/index.ts';
import { type OtlpLog, readableLog } from './wire/log-shape.ts';
import {
  type OtlpMetric,
  type ReadableMetric,
  readableMetric,
  resourceMetrics,
} from './wire/metric-shape.ts';
import { Origins, type OtlpOrigin } from './wire/origin.ts';
import {
  type PartialSuccess,
  partialSuccessOf,
  type Response,
  type Serializer,
} from './wire/partial-success.ts';
import { type OtlpSpan, readableSpan } from './wire/span-shape.ts';

export type { OtlpLog } from './wire/log-shape.ts';
export type { OtlpHistogram, OtlpMetric, OtlpPoint } from './wire/metric-shape.ts';
export type { OtlpOrigin } from './wire/origin.ts';
export type { PartialSuccess, Response } from './wire/partial-success.ts';
export type { OtlpSpan, OtlpSpanEvent, OtlpSpanKind } from './wire/span-shape.ts';

/** How OTLP requests are written. */
export type OtlpEncoding = 'protobuf' | 'json';

/** The kinds of OTLP requests. */
export type OtlpSignal = 'traces' | 'logs' | 'metrics';

/** Records of one part of a request. */
const PART = 64;

/** A request, and the records that could not be put into it, by their index. */
export interface Encoded {
  bytes: Uint8Array;
  rejected: { index: number; reason: string }[];
}

/** Writes OTLP requests and reads the answers to them. */
export interface OtlpEncoder {
  /** For the `content-type` header. */
  readonly contentType: string;
  /** Never rejects: a span that cannot be written is named, the others are in the request. */
  traces(spans: readonly OtlpSpan[], origin: OtlpOrigin): Promise<Encoded>;
  /** Never rejects, see {@link traces}. */
  logs(logs: readonly OtlpLog[], origin: OtlpOrigin): Promise<Encoded>;
  /** Never rejects, see {@link traces}. */
  metrics(metrics: readonly OtlpMetric[], origin: OtlpOrigin): Promise<Encoded>;
  /** What an answer says about refused records; undefined when it says nothing of them. Never throws. */
  partialSuccess(signal: OtlpSignal, response: Response): PartialSuccess | undefined;
}

/** Loads the serializers (some 70 kB of code, on first use) and makes an encoder of them. */
export async function loadEncoder(encoding: OtlpEncoding): Promise<OtlpEncoder> {
  const all = await import('./wire/serializers.ts');
  const protobuf: Record<OtlpSignal, Serializer> = {
    traces: all.ProtobufTraceSerializer as Serializer,
    logs: all.ProtobufLogsSerializer as Serializer,
    metrics: all.ProtobufMetricsSerializer as Serializer,
  };
  const json: Record<OtlpSignal, Serializer> = {
    traces: all.JsonTraceSerializer as Serializer,
    logs: all.JsonLogsSerializer as Serializer,
    metrics: all.JsonMetricsSerializer as Serializer,
  };
  const isJson = encoding === 'json';
  const { traces, logs, metrics } = isJson ? json : protobuf;
  const join = isJson ? joinJson : Buffer.concat;
  const metricGroups = (shapes: readonly ReadableMetric[]) =>
    join(resourceMetrics(shapes).map((group) => bytesOf(metrics, group)));
  return {
    contentType: isJson ? 'application/json' : 'application/x-protobuf',
    traces: encoderOf(readableSpan, (shapes) => bytesOf(traces, shapes), join),
    logs: encoderOf(readableLog, (shapes) => bytesOf(logs, shapes), join),
    metrics: encoderOf(readableMetric, metricGroups, join),
    partialSuccess: (signal, response) => partialSuccessOf(protobuf[signal], response),
  };
}

function bytesOf(serializer: Serializer, records: unknown): Uint8Array {
  return serializer.serializeRequest(records) ?? new Uint8Array();
}

type Join = (parts: readonly Uint8Array[]) => Uint8Array;

/** Writes records part by part, each on a turn of its own, into one request. */
function encoderOf<R, S>(
  shapeOf: (record: R, origins: Origins) => S,
  write: (shapes: readonly S[]) => Uint8Array,
  join: Join,
): (records: readonly R[], origin: OtlpOrigin) => Promise<Encoded> {
  return async (records, origin) => {
    const origins = new Origins(origin);
    const parts: Uint8Array[] = [];
    const rejected: Encoded['rejected'] = [];
    // Also without any record there is a request, as the probe wants one.
    for (let from = 0; from === 0 || from < records.length; from += PART) {
      if (from > 0) await nextTurn();
      const part = encodePart(records.slice(from, from + PART), (record) => shapeOf(record, origins), write);
      parts.push(part.bytes);
      for (const { index, reason } of part.rejected) rejected.push({ index: from + index, reason });
    }
    return { bytes: join(parts), rejected };
  };
}

/** All records in one piece; where that fails, each is tried by itself, so that one bad record costs no other. */
function encodePart<R, S>(
  records: readonly R[],
  shapeOf: (record: R) => S,
  write: (shapes: readonly S[]) => Uint8Array,
): Encoded {
  const shaped = (check: (shape: S) => void) => {
    const rejected: Encoded['rejected'] = [];
    const shapes: S[] = [];
    records.forEach((record, index) => {
      try {
        const shape = shapeOf(record);
        check(shape);
        shapes.push(shape);
      } catch (error) {
        rejected.push({ index, reason: messageOf(error) });
      }
    });
    return { bytes: write(shapes), rejected };
  };
  try {
    return shaped(() => {});
  } catch {
    return shaped((shape) => write([shape]));
  }
}

/** Requests of OTLP/JSON, each an object with one list, as one; those of protobuf are written one behind the other. */
function joinJson(requests: readonly Uint8Array[]): Uint8Array {
  if (requests.length === 1) return requests[0]!;
  if (requests.length === 0) return Buffer.from(NO_METRICS);
  const texts = requests.map((bytes) => Buffer.from(bytes).toString());
  const start = texts[0]!.indexOf('[') + 1;
  const lists = texts.map((text) => text.slice(start, -LIST_END.length)).filter((list) => list !== '');
  return Buffer.from(`${texts[0]!.slice(0, start)}${lists.join(',')}${LIST_END}`);
}

const LIST_END = ']}';
/** Metrics are written by their resources, of which there may be none. */
const NO_METRICS = '{"resourceMetrics":[]}';
