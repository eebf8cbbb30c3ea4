import { createRequire } from 'node:module';

// The 0.203 line of the official package ships the decoder that was generated from the protocol's own files.
const root = createRequire(import.meta.url)('otlp-decoder/build/src/generated/root.js');
const { collector } = root.opentelemetry.proto;

const REQUESTS = {
  traces: collector.trace.v1.ExportTraceServiceRequest,
  logs: collector.logs.v1.ExportLogsServiceRequest,
  metrics: collector.metrics.v1.ExportMetricsServiceRequest,
};
const RESPONSES = {
  traces: collector.trace.v1.ExportTraceServiceResponse,
  logs: collector.logs.v1.ExportLogsServiceResponse,
  metrics: collector.metrics.v1.ExportMetricsServiceResponse,
};

/** Whatever a message holds; tests say what they expect of it. */
// biome-ignore lint/suspicious/noExplicitAny: a test that expects a field reads better without a cast to it
export type Decoded = any;

/** A decoded message: int64 as text, enums as numbers, bytes as base64 text. */
export type Message = Record<string, Decoded>;

/** An OTLP request as an object, whatever its encoding was; ids are hex, counts of nothing are left out. */
export function decodeRequest(signal: keyof typeof REQUESTS, bytes: Uint8Array, isJson = false): Message {
  const type = REQUESTS[signal];
  const message = isJson
    ? type.fromObject(withBinaryIds(JSON.parse(Buffer.from(bytes).toString())))
    : type.decode(bytes);
  const problem = type.verify(message);
  if (problem) throw new Error(`not a valid request: ${problem}`);
  return withHexIds(type.toObject(message, { longs: String, enums: Number, bytes: String }));
}

/** The bytes of a server's answer. */
export function encodeResponse(signal: keyof typeof RESPONSES, answer: Message): Uint8Array {
  return RESPONSES[signal].encode(RESPONSES[signal].fromObject(answer)).finish();
}

const IDS = ['traceId', 'spanId', 'parentSpanId'];

function mapIds(value: unknown, change: (id: string) => string): Decoded {
  if (Array.isArray(value)) return value.map((item) => mapIds(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => inner !== 0 || !(key.startsWith('dropped') || key === 'flags'))
      .map(([key, inner]) => [
        key,
        IDS.includes(key) && typeof inner === 'string' ? change(inner) : mapIds(inner, change),
      ]),
  );
}

function withBinaryIds(value: unknown) {
  return mapIds(value, (id) => Buffer.from(id, 'hex').toString('base64'));
}

function withHexIds(value: unknown) {
  return mapIds(value, (id) => Buffer.from(id, 'base64').toString('hex'));
}

/** Each span of a decoded request with the attributes of its resource and its scope. */
export function spansOf(request: Message): Message[] {
  return recordsOf(request, 'resourceSpans', 'scopeSpans', 'spans');
}

/** Each log record of a decoded request, see {@link spansOf}. */
export function logsOf(request: Message): Message[] {
  return recordsOf(request, 'resourceLogs', 'scopeLogs', 'logRecords');
}

/** Each metric of a decoded request, see {@link spansOf}. */
export function metricsOf(request: Message): Message[] {
  return recordsOf(request, 'resourceMetrics', 'scopeMetrics', 'metrics');
}

function recordsOf(request: Message, outer: string, inner: string, list: string): Message[] {
  return (request[outer] ?? []).flatMap((group: Message) =>
    (group[inner] ?? []).flatMap((scope: Message) =>
      (scope[list] ?? []).map((record: Message) => ({
        ...record,
        attributes: plainAttributes(record['attributes']),
        resource: plainAttributes(group['resource']?.attributes),
        scope: scope['scope'],
      })),
    ),
  );
}

/** Attributes as a record of plain values. @throws for an empty value. */
export function plainAttributes(list: Message[] = []): Message {
  return Object.fromEntries(list.map(({ key, value }) => [key, plainValue(value)]));
}

/** The plain value of an AnyValue. @throws for an empty one. */
export function plainValue(value: Message | undefined): Decoded {
  const [kind, content] = Object.entries(value ?? {})[0] ?? [];
  switch (kind) {
    case undefined:
      throw new Error('an AnyValue is empty');
    case 'intValue':
      return Number(content);
    case 'arrayValue':
      return (content.values ?? []).map(plainValue);
    case 'kvlistValue':
      return plainAttributes(content.values);
    default:
      return content;
  }
}
