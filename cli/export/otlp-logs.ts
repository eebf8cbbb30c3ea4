import type { LogEvent, LogLevel } from '../../core/index.ts';
import { OTLP_LOGS } from '../import/otlp-logs.ts';
import { isRecord, type RawRecord } from '../import/record.ts';
import { anyValueOf, attributeList, nanosOf, nestedBy, type Origin, otelOf } from './otlp-values.ts';

/** An OTLP request with these logs. */
export function logRequest(logs: readonly LogEvent[]): RawRecord {
  return nestedBy(logs, originOf, OTLP_LOGS, encodeLog);
}

function originOf({ correlation = {}, scope, record }: LogEvent): Origin {
  const { serviceName, environment } = correlation;
  return {
    ...(serviceName !== undefined && { serviceName }),
    ...(environment !== undefined && { environment }),
    ...(scope && { scope }),
    resource: (otelOf(record.data)['resource'] ?? {}) as RawRecord,
  };
}

/** The first of the four numbers that each level has. */
const SEVERITY: Record<LogLevel, number> = { debug: 5, info: 9, warn: 13, error: 17, fatal: 21 };

function encodeLog({ record, timeUnixMicro, traceId, spanId }: LogEvent): RawRecord {
  const { resource: _, ...given } = otelOf(record.data);
  const { body, attributes } = contentOf(record);
  return {
    timeUnixNano: nanosOf(timeUnixMicro),
    severityNumber: SEVERITY[record.level],
    severityText: record.level.toUpperCase(),
    ...given,
    body: anyValueOf(body),
    attributes: attributeList(attributes),
    ...(traceId !== undefined && { traceId }),
    ...(spanId !== undefined && { spanId }),
  };
}

/** Data becomes attributes; data that an import made of them becomes what it was. */
function contentOf({ message, data }: LogEvent['record']): { body: unknown; attributes: RawRecord } {
  if (data === undefined) return { body: message, attributes: {} };
  if (!isRecord(data)) return { body: message, attributes: { data } };
  const { body = message, attributes, otel, ...rest } = data;
  if (!isRecord(otel)) return { body: message, attributes: data };
  return { body, attributes: { ...(isRecord(attributes) && attributes), ...rest } };
}
