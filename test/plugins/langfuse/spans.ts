import type {
  AnyExportedSpan,
  FeedbackEvent,
  FeedbackInput,
  ScoreEvent,
  ScoreInput,
} from '../../../core/index.ts';

export const START = 1_767_323_045_678_901; // 2026-01-02T03:04:05.678901Z
export const TRACE_ID = '019b7cbe5aee00112233445566778899';
export const SPAN_ID = '0123456789abcdef';
const ROOT_ID = 'fedcba9876543210';
const at = { timestamp: new Date(START / 1000), timeUnixMicro: START };

/** A span that has ended, a child of the root unless the patch says otherwise. */
export function span(patch: Partial<AnyExportedSpan> = {}): AnyExportedSpan {
  return {
    id: SPAN_ID,
    traceId: TRACE_ID,
    parentSpanId: ROOT_ID,
    name: 'step',
    type: 'generic',
    isRootSpan: false,
    isEvent: false,
    seq: 2,
    status: 'ok',
    startTime: new Date(START / 1000),
    endTime: new Date((START + 12_345) / 1000),
    startUnixMicro: START,
    endUnixMicro: START + 12_345,
    ...patch,
  };
}

/** The root span of the same trace. */
export function root(patch: Partial<AnyExportedSpan> = {}): AnyExportedSpan {
  const { parentSpanId: _, ...rest } = span();
  return { ...rest, id: ROOT_ID, name: 'support', type: 'agent_run', isRootSpan: true, ...patch };
}

/** A score on the trace. */
export function scoreOf(score: Partial<ScoreInput>, event: Partial<ScoreEvent> = {}): ScoreEvent {
  return {
    type: 'score',
    id: 's-1',
    traceId: TRACE_ID,
    score: { scorerId: 'relevance', ...score },
    ...at,
    ...event,
  };
}

/** Feedback on the trace. */
export function feedbackOf(feedback: FeedbackInput, event: Partial<FeedbackEvent> = {}): FeedbackEvent {
  return { type: 'feedback', id: 'f-1', traceId: TRACE_ID, feedback, ...at, ...event };
}
