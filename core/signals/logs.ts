import { Snapshot, withBytes } from '../snapshot/snapshot.ts';
import { type EmitterHost, envelope, neverThrows } from './emitter.ts';
import type { SignalEventBase } from './tracing.ts';

/** Log levels from the least to the most severe. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The severity of a level for comparisons: 0 (`debug`) to 4 (`fatal`). */
export const LOG_SEVERITY: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3, fatal: 4 };

/** The content of a log. */
export interface LogRecord {
  level: LogLevel;
  message: string;
  /** Structured data, plain and bounded. */
  data?: unknown;
}

/** One log line. */
export interface LogEvent extends SignalEventBase {
  type: 'log';
  record: LogRecord;
}

/** Writes logs; a log made inside a span carries its ids. Never throws. */
export interface LoggerContext {
  debug(message: string, data?: unknown): void;
  info(message: string, data?: unknown): void;
  warn(message: string, data?: unknown): void;
  error(message: string, data?: unknown): void;
  fatal(message: string, data?: unknown): void;
}

/** The logger over a host. Logs below the configured level, and those below `error` of an unsampled trace, are not made. */
export function createLogger(host: EmitterHost): LoggerContext {
  const at = (level: LogLevel) =>
    neverThrows(host, 'logs', (message: string, data?: unknown) => {
      const severity = LOG_SEVERITY[level];
      if (severity < LOG_SEVERITY[host.logLevel] || !host.isOn('logs')) return;
      if (severity < LOG_SEVERITY.error && host.currentSpan()?.isSampled === false) {
        host.drop('logs', 'sampled');
        return;
      }
      host.emit(logEvent(host, level, message, data));
    });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), fatal: at('fatal') };
}

function logEvent(host: EmitterHost, level: LogLevel, message: string, data: unknown): LogEvent {
  const snapshot = new Snapshot(host.limits);
  const record: LogRecord = { level, message: snapshot.text(message, 'message') };
  if (data !== undefined) record.data = snapshot.take(data, 'data');
  const event: LogEvent = { type: 'log', ...envelope(host, snapshot), record };
  if (snapshot.cuts.length > 0) event.truncated = snapshot.cuts;
  return withBytes(event, snapshot.bytes);
}
