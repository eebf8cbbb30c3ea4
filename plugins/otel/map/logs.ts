import type { CORRELATION_KEYS, FeedbackEvent, LogEvent, LogLevel, ScoreEvent } from '../../../core/index.ts';
import type { OtlpLog } from '../encoder.ts';
import { CORRELATION } from './conventions.ts';
import type { ResourceMap } from './origin.ts';
import { flat, isRecord, type PlainRecord, put } from './plain.ts';
import { addCuts } from './spans.ts';

/** The first of the four numbers that OpenTelemetry has for each level. */
export const SEVERITY: Readonly<Record<LogLevel, number>> = {
  debug: 5,
  info: 9,
  warn: 13,
  error: 17,
  fatal: 21,
};

/** What OpenTelemetry's GenAI conventions call the result of an evaluation. */
export const EVALUATION_RESULT = 'gen_ai.evaluation.result';

type AnyEvent = LogEvent | ScoreEvent | FeedbackEvent;

/** A log as a record of OTLP: its message is the body, its data are attributes. */
export function otlpLog(event: LogEvent, resources: ResourceMap): OtlpLog {
  const { level, message, data } = event.record;
  const { attributes, body, otel } = contentOf(data);
  const { eventName, severityNumber, severityText } = otel;
  return {
    ...envelope(event, resources, { ...attributes }, data),
    severityNumber: typeof severityNumber === 'number' ? severityNumber : SEVERITY[level],
    severityText: typeof severityText === 'string' ? severityText : level.toUpperCase(),
    body: body ?? message,
    ...(typeof eventName === 'string' && { eventName }),
  };
}

/** Data that an import made of attributes and body become these again. */
function contentOf(data: unknown): { attributes: PlainRecord; body?: unknown; otel: PlainRecord } {
  if (data === undefined || data === null) return { attributes: {}, otel: {} };
  if (!isRecord(data)) return { attributes: { data }, otel: {} };
  const { otel, attributes, body, ...rest } = data;
  if (!isRecord(otel)) return { attributes: data, otel: {} };
  return { attributes: { ...(isRecord(attributes) && attributes), ...rest }, body, otel };
}

/** A score as the event that OpenTelemetry has for it; what the conventions have no name for is in `obs.score.*`. */
export function scoreLog(event: ScoreEvent, resources: ResourceMap): OtlpLog {
  const { scorerId, scorerName, scorerVersion, score, label, reason, source, metadata } = event.score;
  const attributes: PlainRecord = { 'gen_ai.evaluation.name': scorerName ?? scorerId };
  put(attributes, 'gen_ai.evaluation.score.value', score);
  put(attributes, 'gen_ai.evaluation.score.label', label);
  put(attributes, 'gen_ai.evaluation.explanation', reason);
  attributes['obs.score.id'] = event.id;
  attributes['obs.score.scorer.id'] = scorerId;
  put(attributes, 'obs.score.scorer.version', scorerVersion);
  put(attributes, 'obs.score.source', source);
  addBelow(attributes, 'obs.score.metadata', metadata);
  return evaluation(event, attributes, resources);
}

/** Feedback as the same event, marked as given by a person; all of it is in `obs.feedback.*`. */
export function feedbackLog(event: FeedbackEvent, resources: ResourceMap): OtlpLog {
  const { feedbackType, value, comment, userId, source, metadata } = event.feedback;
  const isNumber = typeof value === 'number';
  const attributes: PlainRecord = {
    'gen_ai.evaluation.name': feedbackType,
    [`gen_ai.evaluation.score.${isNumber ? 'value' : 'label'}`]: value,
  };
  put(attributes, 'gen_ai.evaluation.explanation', comment);
  Object.assign(attributes, {
    'obs.feedback.id': event.id,
    'obs.feedback.type': feedbackType,
    'obs.feedback.value': String(value),
    'obs.feedback.annotator': 'human',
  });
  put(attributes, 'obs.feedback.comment', comment);
  put(attributes, 'obs.feedback.user.id', userId);
  put(attributes, 'obs.feedback.source', source);
  addBelow(attributes, 'obs.feedback.metadata', metadata);
  return evaluation(event, attributes, resources);
}

function evaluation(
  event: ScoreEvent | FeedbackEvent,
  attributes: PlainRecord,
  resources: ResourceMap,
): OtlpLog {
  const log = envelope(event, resources, attributes, undefined);
  return { ...log, severityNumber: SEVERITY.info, eventName: EVALUATION_RESULT };
}

function addBelow(attributes: PlainRecord, prefix: string, metadata: unknown): void {
  if (isRecord(metadata))
    for (const key of Object.keys(metadata)) put(attributes, `${prefix}.${key}`, flat(metadata[key]));
}

/** What records of all three kinds have: time, trace, resource, scope, and whom they belong to. */
function envelope(
  event: AnyEvent,
  resources: ResourceMap,
  attributes: PlainRecord,
  metadata: unknown,
): OtlpLog {
  const { correlation = {}, traceId, spanId, scope, timeUnixMicro } = event;
  const resource = resources.of(correlation, metadata);
  for (const [attribute, field] of CORRELATION) {
    if (Object.hasOwn(attributes, attribute)) continue;
    put(attributes, attribute, correlation[field as (typeof CORRELATION_KEYS)[number]]);
  }
  addCuts(attributes, event.truncated);
  return {
    timeUnixMicro,
    attributes,
    ...(traceId !== undefined && { traceId }),
    ...(spanId !== undefined && { spanId }),
    ...(scope && { scope }),
    ...(resource && { resource }),
  };
}
