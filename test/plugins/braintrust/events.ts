import type {
  ExportedSpan,
  FeedbackEvent,
  FeedbackInput,
  ScoreEvent,
  ScoreInput,
  TracingEvent,
} from '../../../core/index.ts';

/** 2026-01-02T03:04:05.678901Z */
export const START = 1_767_323_045_678_901;
export const traceId = '019b7cbe5aee00112233445566778899';
export const spanId = '0123456789abcdef';
export const rootId = 'fedcba9876543210';

/** A span that has ended after 12.345 ms, a child of {@link rootId}. */
export function span(patch: Partial<ExportedSpan> = {}): ExportedSpan {
  return {
    id: spanId,
    traceId,
    parentSpanId: rootId,
    name: 'lookup order',
    type: 'tool_call',
    isRootSpan: false,
    isEvent: false,
    seq: 3,
    status: 'ok',
    startTime: new Date(START / 1000),
    endTime: new Date((START + 12_345) / 1000),
    startUnixMicro: START,
    endUnixMicro: START + 12_345,
    ...patch,
  };
}

/** The root of the same trace. */
export function root(patch: Partial<ExportedSpan> = {}): ExportedSpan {
  const { parentSpanId: _, ...rest } = span({ id: rootId, name: 'support agent', type: 'agent_run' });
  return { ...rest, isRootSpan: true, ...patch };
}

export function ended(exportedSpan: ExportedSpan): TracingEvent {
  return { type: 'span.ended', exportedSpan };
}

let made = 0;
const envelope = () => ({
  id: (++made).toString(16).padStart(32, '0'),
  timestamp: new Date(START / 1000),
  timeUnixMicro: START,
});
/** What an event is about; `undefined` leaves it out. */
interface About {
  traceId?: string | undefined;
  spanId?: string | undefined;
}
const about = (target: About) =>
  Object.fromEntries(Object.entries({ traceId, spanId, ...target }).filter(([, id]) => id !== undefined));

/** A score of the span above, unless told otherwise. */
export function score(patch: Partial<ScoreInput> = {}, target: About = {}): ScoreEvent {
  return { type: 'score', ...envelope(), ...about(target), score: { scorerId: 'relevance', ...patch } };
}

/** Feedback on the span above, unless told otherwise. */
export function feedback(patch: Partial<FeedbackInput> = {}, target: About = {}): FeedbackEvent {
  const input = { feedbackType: 'thumbs', value: 1, ...patch };
  return { type: 'feedback', ...envelope(), ...about(target), feedback: input };
}
