import { Snapshot, withBytes } from '../snapshot.ts';
import { correlate, type EmitterHost, type EventTarget, neverThrows } from './emitter.ts';
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

/** Adds feedback. A value that is neither text nor a finite number is refused and counted. Never throws. */
export function createFeedback(host: EmitterHost): (request: FeedbackRequest) => void {
  return neverThrows(host, 'feedback', (request: FeedbackRequest) => {
    if (!host.isOn('feedback')) return;
    const { id, traceId, spanId, timestamp, ...feedback } = request;
    if (!(typeof feedback.value === 'string' || Number.isFinite(feedback.value))) {
      host.refuse(
        'feedback',
        'invalid_value',
        `"${feedback.feedbackType}" was given ${String(feedback.value)}`,
      );
      return;
    }
    const snapshot = new Snapshot(host.limits);
    const timeUnixMicro = timestamp ? timestamp.getTime() * 1000 : host.clock.unixMicro();
    const event: FeedbackEvent = {
      type: 'feedback',
      id: id ?? host.ids.eventId(timeUnixMicro),
      feedback: snapshot.take(feedback, 'feedback') as FeedbackInput,
      timestamp: new Date(timeUnixMicro / 1000),
      timeUnixMicro,
      ...correlate(host, traceId, spanId),
    };
    if (snapshot.cuts.length > 0) event.truncated = snapshot.cuts;
    host.emit(withBytes(event, snapshot.bytes));
  });
}
