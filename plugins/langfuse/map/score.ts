import type { FeedbackEvent, ScoreEvent } from '../../../core/index.ts';
import { sanitizeEnvironment } from './environment.ts';
import { feedbackValue, type ScoreValue } from './feedback-value.ts';

/** A score as Langfuse's API takes it. It is about a trace, perhaps one of its observations, or about a session. */
export type LangfuseScore = ScoreValue & {
  id: string;
  name: string;
  traceId?: string;
  observationId?: string;
  sessionId?: string;
  comment?: string;
  metadata?: Record<string, unknown>;
  environment?: string;
};

/** A score to send, or why Langfuse cannot take it. */
export type Mapped = { score: LangfuseScore } | { problem: string };

/** A score or feedback as a score of Langfuse; the id stays, so that a repeat is the same score. */
export function toScore(event: ScoreEvent | FeedbackEvent, environment?: string): Mapped {
  const target = targetOf(event);
  if ('problem' in target) return target;
  const judgement = event.type === 'score' ? ofScore(event) : ofFeedback(event, 'traceId' in target);
  if ('problem' in judgement) return judgement;
  const where = sanitizeEnvironment(environment ?? event.correlation?.environment);
  const { metadata, comment, ...rest } = judgement;
  return {
    score: {
      id: event.id,
      ...rest,
      ...target,
      ...(comment && { comment }),
      ...(Object.keys(metadata).length > 0 && { metadata }),
      ...(where && { environment: where }),
    } as LangfuseScore,
  };
}

type Target = { traceId: string; observationId?: string } | { sessionId: string };
type Judgement = ScoreValue & {
  name: string;
  comment?: string | undefined;
  metadata: Record<string, unknown>;
};
type Problem = { problem: string };

/** Langfuse takes exactly one of trace and session. */
function targetOf({ traceId, spanId, correlation }: ScoreEvent | FeedbackEvent): Target | Problem {
  if (traceId) return spanId ? { traceId, observationId: spanId } : { traceId };
  if (spanId) return { problem: 'a score on a span needs the id of its trace' };
  const sessionId = correlation?.sessionId ?? correlation?.threadId;
  if (sessionId) return { sessionId };
  return { problem: 'Langfuse takes scores on a trace or a session only' };
}

function ofScore({ score: given }: ScoreEvent): Judgement | Problem {
  const { scorerId, scorerName, scorerVersion, score, label, reason, source, metadata } = given;
  const others = defined({ scorerName, scorerVersion, source });
  const base = { name: scorerId, comment: reason };
  if (typeof score === 'number' && Number.isFinite(score)) {
    const value = { dataType: 'NUMERIC', value: score } as const;
    return { ...base, ...value, metadata: { ...metadata, ...others, ...defined({ label }) } };
  }
  if (!label) return { problem: `scorer "${scorerId}" gave neither a finite number nor a label` };
  return { ...base, dataType: 'CATEGORICAL', value: label, metadata: { ...metadata, ...others } };
}

function ofFeedback({ id, feedback }: FeedbackEvent, isOnTrace: boolean): Judgement | Problem {
  const value = feedbackValue(feedback, isOnTrace);
  if (!value) return { problem: `feedback "${feedback.feedbackType}" says nothing` };
  const { userId, source } = feedback;
  const { rest, comment, ...scored } = value;
  const others = defined({ userId, source, feedbackId: id, rest });
  const name = scored.dataType === 'CORRECTION' ? 'output' : `user-${feedback.feedbackType}`;
  return { ...scored, name, comment, metadata: { ...feedback.metadata, ...others } };
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''),
  );
}
