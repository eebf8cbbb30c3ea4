import { messageOf } from '../../core/index.ts';
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

/** A request, and the records that could not be put into it, by their index. */
export interface Encoded {
  bytes: Uint8Array;
  rejected: { index: number; reason: string }[];
}

/** Writes OTLP requests and reads the answers to them. */
export interface OtlpEncoder {
  /** For the `content-type` header. */
  readonly contentType: string;
  /** Never throws: a span that cannot be written is rejected, the others are in the request. */
  traces(spans: readonly OtlpSpan[], origin: OtlpOrigin): Encoded;
  /** Never throws, see {@link traces}. */
  logs(logs: readonly OtlpLog[], origin: OtlpOrigin): Encoded;
  /** Never throws, see {@link traces}. */
  metrics(metrics: readonly OtlpMetric[], origin: OtlpOrigin): Encoded;
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
  return {
    contentType: isJson ? 'application/json' : 'application/x-protobuf',
    traces: (spans, origin) => encode(spans, origin, readableSpan, (shapes) => bytesOf(traces, shapes)),
    logs: (records, origin) => encode(records, origin, readableLog, (shapes) => bytesOf(logs, shapes)),
    metrics: (records, origin) =>
      encode(records, origin, readableMetric, (shapes: readonly ReadableMetric[]) =>
        join(resourceMetrics(shapes).map((group) => bytesOf(metrics, group))),
      ),
    partialSuccess: (signal, response) => partialSuccessOf(protobuf[signal], response),
  };
}

function bytesOf(serializer: Serializer, records: unknown): Uint8Array {
  return serializer.serializeRequest(records) ?? new Uint8Array();
}

/** All records in one request; where that fails, each is tried by itself, so that one bad record costs no other. */
function encode<R, S>(
  records: readonly R[],
  origin: OtlpOrigin,
  shapeOf: (record: R, origins: Origins) => S,
  write: (shapes: readonly S[]) => Uint8Array,
): Encoded {
  const origins = new Origins(origin);
  const shaped = (check: (shape: S) => void) => {
    const rejected: Encoded['rejected'] = [];
    const shapes: S[] = [];
    records.forEach((record, index) => {
      try {
        const shape = shapeOf(record, origins);
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

/** Requests of OTLP/JSON as one; those of protobuf are joined by writing one behind the other. */
function joinJson(requests: readonly Uint8Array[]): Uint8Array {
  if (requests.length === 1) return requests[0]!;
  const groups = requests.flatMap((bytes) => JSON.parse(Buffer.from(bytes).toString()).resourceMetrics);
  return Buffer.from(JSON.stringify({ resourceMetrics: groups }));
}
