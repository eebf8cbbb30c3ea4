import { Snapshot, withBytes } from '../snapshot.ts';
import { correlate, type EmitterHost, type EventTarget, neverThrows } from './emitter.ts';
import type { SignalEventBase } from './tracing.ts';

/** A judgement by a program: a number, a label, or both. */
export interface ScoreInput {
  /** Which scorer judged; the name under which scores are compared. */
  scorerId: string;
  /** For people; default: the id. */
  scorerName?: string;
  scorerVersion?: string;
  /** The judgement as a number; higher is better unless the scorer says otherwise. */
  score?: number;
  /** The judgement as a word, such as `correct`. */
  label?: string;
  /** Why. */
  reason?: string;
  /** Where the judgement was made, such as `live`, `experiment`. */
  source?: string;
  metadata?: Record<string, unknown>;
}

/** A score on a trace, on one of its spans, or on nothing of ours. */
export interface ScoreEvent extends SignalEventBase {
  type: 'score';
  score: ScoreInput;
}

/** What `obs.addScore` takes: the score and what it is about. */
export type ScoreRequest = EventTarget & ScoreInput;

/** Adds scores. One without a finite number and without a label is refused and counted. Never throws. */
export function createScores(host: EmitterHost): (request: ScoreRequest) => void {
  return neverThrows(host, 'scores', (request: ScoreRequest) => {
    if (!host.isOn('scores')) return;
    const { id, traceId, spanId, timestamp, ...score } = request;
    if (!(Number.isFinite(score.score) || typeof score.label === 'string')) {
      host.refuse(
        'scores',
        'invalid_value',
        `scorer "${score.scorerId}" gave ${String(score.score)} and no label`,
      );
      return;
    }
    const snapshot = new Snapshot(host.limits);
    const timeUnixMicro = timestamp ? timestamp.getTime() * 1000 : host.clock.unixMicro();
    const event: ScoreEvent = {
      type: 'score',
      id: id ?? host.ids.eventId(timeUnixMicro),
      score: snapshot.take(score, 'score') as ScoreInput,
      timestamp: new Date(timeUnixMicro / 1000),
      timeUnixMicro,
      ...correlate(host, traceId, spanId),
    };
    if (snapshot.cuts.length > 0) event.truncated = snapshot.cuts;
    host.emit(withBytes(event, snapshot.bytes));
  });
}
