import type { LogEvent, LogLevel } from '../../core/index.ts';
import type { Identify } from './identity.ts';
import type { OtlpGroup, OtlpNesting } from './otlp-groups.ts';
import { anyValue, attributesOf, enumNumber, hexId, requiredUnixMicro, unixMicro } from './otlp-values.ts';
import { meaningful, type RawRecord, textOf } from './record.ts';

/** Where OTLP has its logs. */
export const OTLP_LOGS: OtlpNesting = ['resourceLogs', 'scopeLogs', 'logRecords'];

/**
 * One OTLP log record. A text body is the message; any other body is kept as `data.body`, with the name of the event
 * as the message. Attributes are in `data.attributes`, all the rest (severity as given, resource) in `data.otel`.
 */
export function logEvent(raw: RawRecord, group: OtlpGroup, identify: Identify): LogEvent {
  const timeUnixMicro = unixMicro(raw, 'timeUnixNano') ?? requiredUnixMicro(raw, 'observedTimeUnixNano');
  const traceId = hexId(raw, 'traceId', 32);
  const spanId = hexId(raw, 'spanId', 16);
  const body = anyValue(raw['body']);
  const data = dataOf(raw, group, typeof body === 'string' ? undefined : body);
  const message = typeof body === 'string' ? body : (textOf(raw, 'eventName') ?? JSON.stringify(body));
  return {
    type: 'log',
    id: identify([...group.raw, raw], timeUnixMicro),
    record: { level: levelOf(raw), message, data },
    timestamp: new Date(timeUnixMicro / 1000),
    timeUnixMicro,
    correlation: group.correlation,
    ...(traceId !== undefined && { traceId }),
    ...(spanId !== undefined && { spanId }),
    ...(group.scope && { scope: group.scope }),
  };
}

function dataOf(raw: RawRecord, group: OtlpGroup, body: unknown): RawRecord {
  const otel = meaningful({
    eventName: raw['eventName'],
    severityNumber: raw['severityNumber'],
    severityText: raw['severityText'],
    observedTimeUnixNano: raw['observedTimeUnixNano'],
    flags: raw['flags'],
    droppedAttributesCount: raw['droppedAttributesCount'],
    resource: group.resource,
  });
  return meaningful({ body, attributes: attributesOf(raw['attributes']), otel });
}

const LEVELS: readonly LogLevel[] = ['debug', 'debug', 'info', 'warn', 'error', 'fatal'];

/** Severity numbers come in fours: trace, debug, info, warn, error, fatal (OpenTelemetry logs data model). */
function levelOf(raw: RawRecord): LogLevel {
  const number = enumNumber(raw['severityNumber'], SEVERITY_NAMES);
  if (number > 0) return LEVELS[Math.min(5, Math.floor((number - 1) / 4))]!;
  const text = textOf(raw, 'severityText')?.toLowerCase() ?? '';
  return LEVELS.find((level) => text.startsWith(level)) ?? 'info';
}

const SEVERITY_NAMES = [
  'SEVERITY_NUMBER_UNSPECIFIED',
  ...['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((name) =>
    ['', '2', '3', '4'].map((step) => `SEVERITY_NUMBER_${name}${step}`),
  ),
];
