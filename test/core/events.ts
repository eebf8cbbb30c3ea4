import type { LogEvent } from '../../core/signals/logs.ts';
import type { MetricEvent } from '../../core/signals/metrics.ts';
import type { ExportedSpan, TracingEvent } from '../../core/signals/tracing.ts';

const AT = { timestamp: new Date(1_735_689_600_000), timeUnixMicro: 1_735_689_600_000_000 };

/** A log as a source would hand it in; its message is its number. */
export function logEvent(n: number): LogEvent {
  const id = n.toString(16).padStart(32, '0');
  return { type: 'log', id, ...AT, record: { level: 'info', message: String(n) } };
}

/** A counter increment. */
export function metricEvent(n: number): MetricEvent {
  const id = n.toString(16).padStart(32, '0');
  return { type: 'metric', id, ...AT, name: 'requests', metricType: 'counter', value: 1, labels: {} };
}

/** A snapshot of a span; identity is `id`, all of one trace. */
export function spanEvent(
  type: Exclude<TracingEvent['type'], 'span.error'>,
  id: string,
  seq: number,
  more: Partial<ExportedSpan> = {},
): TracingEvent {
  const exportedSpan: ExportedSpan = {
    id: id.padStart(16, '0'),
    traceId: '1'.padStart(32, '0'),
    name: `span ${id}`,
    type: 'generic',
    isRootSpan: true,
    isEvent: false,
    seq,
    status: type === 'span.ended' ? 'ok' : 'running',
    startTime: AT.timestamp,
    startUnixMicro: AT.timeUnixMicro,
    ...more,
  };
  return { type, exportedSpan };
}
