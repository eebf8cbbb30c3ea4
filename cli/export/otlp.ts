import {
  type LogEvent,
  type MetricEvent,
  type ObservabilityEvent,
  printableJson,
  type Signal,
  type TracingEvent,
} from '../../core/index.ts';
import { logRequest } from './otlp-logs.ts';
import { metricRequest } from './otlp-metrics.ts';
import { traceRequest } from './otlp-spans.ts';
import { openSink } from './sink.ts';
import type { ExportWriter } from './writer.ts';

/** OTLP/JSON, one request on each line. OTLP has no form for scores and feedback. */
export async function openOtlp(path: string | undefined): Promise<ExportWriter> {
  const sink = await openSink(path);
  return {
    signals: ['tracing', 'metrics', 'logs'],
    write: (signal, events) => sink.write(`${printableJson(JSON.stringify(requestOf(signal, events)))}\n`),
    finish: sink.finish,
    discard: sink.discard,
  };
}

function requestOf(signal: Signal, events: readonly ObservabilityEvent[]): object {
  if (signal === 'tracing') {
    return traceRequest((events as TracingEvent[]).map(({ exportedSpan }) => exportedSpan));
  }
  return signal === 'logs' ? logRequest(events as LogEvent[]) : metricRequest(events as MetricEvent[]);
}
