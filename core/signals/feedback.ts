import { Snapshot, withBytes } from '../snapshot/snapshot.ts';
import { type EmitterHost, type EventTarget, envelope, neverThrows } from './emitter.ts';
import type { SignalEventBase } from './tracing.ts';

/** A judgement by a person. */
export interface FeedbackInput {
  /** What kind, such as `thumbs`, `rating`, `correction`. */
  feedbackType: string;
  /** `1`, `-1`, a rating, or a word. */
  value: number | string;
  comment?: string;
  /** Who gave it. */
  userId?: string;
  /** Where it was given, such as `chat-widget`. */
  source?: string;
  metadata?: Record<string, unknown>;
}

/** Feedback on a trace, on one of its spans, or on nothing of ours. */
export interface FeedbackEvent extends SignalEventBase {
  type: 'feedback';
  feedback: FeedbackInput;
}

/** What `obs.addFeedback` takes: the feedback and what it is about. */
export type FeedbackRequest = EventTarget & FeedbackInput;

/**
 * Adds feedback. One without a type, or whose value is neither text nor a finite number, is refused and counted.
 * Never throws.
 */
export function createFeedback(host: EmitterHost): (request: FeedbackRequest) => void {
  return neverThrows(host, 'feedback', (request: FeedbackRequest) => {
    if (!host.isOn('feedback')) return;
    const { id, traceId, spanId, timestamp, ...feedback } = request;
    const problem = problemOf(feedback);
    if (problem) {
      host.refuse('feedback', 'invalid_value', problem);
      return;
    }
    const snapshot = new Snapshot(host.limits);
    const event: FeedbackEvent = {
      type: 'feedback',
      ...envelope(host, snapshot, { id, traceId, spanId, timestamp }),
      feedback: snapshot.take(feedback, 'feedback') as FeedbackInput,
    };
    if (snapshot.cuts.length > 0) event.truncated = snapshot.cuts;
    host.emit(withBytes(event, snapshot.bytes));
  });
}

function problemOf({ feedbackType, value }: FeedbackInput): string | undefined {
  if (typeof feedbackType !== 'string' || feedbackType === '') return 'feedback has no feedbackType';
  if (typeof value === 'string' || Number.isFinite(value)) return undefined;
  return `feedback "${feedbackType}" was given ${String(value)}`;
}
