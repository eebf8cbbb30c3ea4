export * from './bus/bus.ts';
export * from './bus/event-bus.ts';
export { createLabelCap, OVERFLOW_LABELS } from './bus/label-cap.ts';
export { REDACTED } from './bus/redact.ts';
export { hideJsonEntries } from './bus/redact-json.ts';
export type { SignalSwitch } from './bus/slot.ts';
export type { Clock } from './clock.ts';
export { createSystemClock } from './clock.ts';
export * from './config/define.ts';
export { configJsonSchema, type JsonSchema, jsonSchemaOf, pluginJsonSchema } from './config/json-schema.ts';
export { builtInPlugins, pluginByName } from './config/known-plugins.ts';
export type { LayerName } from './config/place.ts';
export type { ConfigProblem } from './config/problems.ts';
export {
  assertResolved,
  problemLine,
  problemSource,
  type ResolveOptions,
  resolveConfig,
} from './config/resolve.ts';
export type * from './config/resolved.ts';
export { closest, didYouMean } from './config/suggest.ts';
export {
  bind,
  createObservabilityContext,
  currentSpan,
  noOpTracingContext,
  type ObservabilityContextMixin,
  type TracingContext,
} from './context/context.ts';
export * from './context/work-contexts.ts';
export type * from './contract/care.ts';
export { ChangeLog, type ChangesSince } from './contract/change-log.ts';
export * from './contract/exporter.ts';
export type * from './contract/host.ts';
export { parseOptions } from './contract/parse-options.ts';
export type * from './contract/plugin.ts';
export { definePlugin, isPlugin, isPluginUse, PLUGIN_API_VERSION } from './contract/plugin.ts';
export type * from './contract/resource.ts';
export type * from './contract/send.ts';
export * from './contract/store.ts';
export { DefaultExporter } from './default-exporter.ts';
export { type DeliveryCounts, type DropReason, droppedOf } from './delivery/counts.ts';
export type { DeadLetter } from './delivery/dead-letters.ts';
export { fileNameOf } from './delivery/file-name.ts';
export type { Level } from './delivery/level.ts';
export { DELIVERY_DEFAULTS, type DeliveryOptions, type RetryOptions } from './delivery/options.ts';
export { AmbiguousError, DestinationError, PermanentError, RetryableError } from './delivery/outcome.ts';
export type { Diagnostics, PluginDiagnostics, PluginState } from './diagnostics/diagnostics.ts';
export type { SignalDiagnostics } from './diagnostics/signal-diagnostics.ts';
export { ERROR_HINTS, type ErrorCode, isObsError, messageOf, ObsError } from './errors.ts';
export { type HttpAnswer, MAX_ANSWER_BYTES } from './http/answer.ts';
export { createMask, type Unspeakable } from './http/mask.ts';
export { type HttpRequest, sendHttp } from './http/send-http.ts';
export { isTooLarge, RETRY_STATUSES, statusOf } from './http/status.ts';
export { createIdSource, type IdSource, isSpanId, isTraceId } from './ids.ts';
export { BaseObservabilityInstance, type BaseObservabilityInstance as Observability } from './instance.ts';
export type { ReloadResult } from './life/reload.ts';
export { describePlugins, type PluginListing, type SignalListing } from './listing.ts';
export { type CreateObsContext, createObs } from './obs.ts';
export { type OpenStores, type OpenStoresOptions, openStores } from './open-stores.ts';
export { type PrintableOptions, printable, printableJson } from './printable.ts';
export * from './query/index.ts';
export { RecentMap } from './recent-map.ts';
export type { FeedbackEvent, FeedbackInput, FeedbackRequest } from './signals/feedback.ts';
export {
  bySignal,
  type EventOf,
  type ObservabilityEvent,
  SIGNALS,
  type Signal,
  signalOf,
} from './signals/index.ts';
export {
  LOG_LEVELS,
  LOG_SEVERITY,
  type LogEvent,
  type LoggerContext,
  type LogLevel,
  type LogRecord,
} from './signals/logs.ts';
export type {
  Counter,
  Gauge,
  Histogram,
  InstrumentOptions,
  LabelInput,
  Labels,
  MetricEvent,
  MetricsContext,
  MetricType,
} from './signals/metrics.ts';
export { noOpLoggerContext, noOpMetricsContext } from './signals/noop.ts';
export type { ScoreEvent, ScoreInput, ScoreRequest } from './signals/scores.ts';
export type { Span, SpanEnd, SpanFailure, SpanOptions, SpanUpdate, TraceHandle } from './signals/span.ts';
export type * from './signals/span-types.ts';
export { parseTraceparent, type Traceparent } from './signals/traceparent.ts';
export type { SpanPlacement, StartSpanOptions, TraceOptions, Tracer } from './signals/tracer.ts';
export * from './signals/tracing.ts';
export {
  bytesOf,
  type Cut,
  type CutReason,
  DEFAULT_LIMITS,
  Snapshot,
  type SnapshotLimits,
} from './snapshot/snapshot.ts';
export { currentThread, isThreadRunning, type ThreadIdentity } from './thread-identity.ts';
export { forEachInTurns, nextTurn } from './turns.ts';
export { VERSION } from './version.ts';
