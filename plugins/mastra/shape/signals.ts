/** Who and what an event belongs to. Mastra has more keys, such as those of the parent's and the root's entity. */
export type MastraCorrelation = object;

/** What the records of the four other signals have in common, beside their id. */
interface MastraRecord {
  timestamp: Date;
  traceId?: string | undefined;
  spanId?: string | undefined;
  correlationContext?: MastraCorrelation | undefined;
  metadata?: Record<string, unknown> | undefined;
}

export interface MastraLogEvent {
  type: 'log';
  log: MastraLog;
}

/** A log line of a Mastra application. */
export interface MastraLog extends MastraRecord {
  logId: string;
  level: 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  message: string;
  data?: Record<string, unknown> | undefined;
}

export interface MastraMetricEvent {
  type: 'metric';
  metric: MastraMetric;
}

/** One raw observation. Mastra does not tell counters, gauges and histograms apart. */
export interface MastraMetric extends MastraRecord {
  metricId: string;
  name: string;
  value: number;
  labels: Record<string, string>;
  costContext?: MastraCost | undefined;
}

/** What a call cost, estimated or as the provider said (`costMetadata.source`). */
export interface MastraCost {
  provider?: string;
  model?: string;
  estimatedCost?: number;
  /** Such as `USD`. */
  costUnit?: string;
  costMetadata?: Record<string, unknown>;
}

export interface MastraScoreEvent {
  type: 'score';
  score: MastraScore;
}

/** A judgement by a program; always a number. */
export interface MastraScore extends MastraRecord {
  scoreId: string;
  scorerId: string;
  scorerName?: string | undefined;
  scorerVersion?: string | undefined;
  score: number;
  reason?: string | undefined;
  scoreSource?: string | undefined;
  /** The older name of `scoreSource`. */
  source?: string | undefined;
  scoreTraceId?: string | undefined;
  targetEntityType?: string | undefined;
  experimentId?: string | undefined;
}

export interface MastraFeedbackEvent {
  type: 'feedback';
  feedback: MastraFeedback;
}

/** A judgement by a person. */
export interface MastraFeedback extends MastraRecord {
  feedbackId: string;
  feedbackType: string;
  value: number | string;
  comment?: string | undefined;
  feedbackUserId?: string | undefined;
  /** The older name of `feedbackUserId`. */
  userId?: string | undefined;
  feedbackSource?: string | undefined;
  /** The older name of `feedbackSource`. */
  source?: string | undefined;
  sourceId?: string | undefined;
  experimentId?: string | undefined;
}
