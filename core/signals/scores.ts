import { Snapshot, withBytes } from '../snapshot/snapshot.ts';
import { type EmitterHost, type EventTarget, envelope, neverThrows } from './emitter.ts';
import type { SignalEventBase } from './tracing.ts';

/** A judgement by a program: a number, a label, or both. */
export interface ScoreInput {
  /** Which scorer judged; the name under which scores are compared. */
  scorerId: string;
  /** For people; default: the id. */
  scorerName?: string;
  scorerVersion?: string;
  /** The judgement as a number, finite; higher is better unless the scorer says otherwise. */
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

/** Adds scores. One without a scorer, or without a finite number or a label, is refused and counted. Never throws. */
export function createScores(host: EmitterHost): (request: ScoreRequest) => void {
  return neverThrows(host, 'scores', (request: ScoreRequest) => {
    if (!host.isOn('scores')) return;
    const { id, traceId, spanId, timestamp, ...score } = request;
    const problem = problemOf(score);
    if (problem) {
      host.refuse('scores', 'invalid_value', problem);
      return;
    }
    const snapshot = new Snapshot(host.limits);
    const event: ScoreEvent = {
      type: 'score',
      ...envelope(host, snapshot, { id, traceId, spanId, timestamp }),
      score: snapshot.take(score, 'score') as ScoreInput,
    };
    if (snapshot.cuts.length > 0) event.truncated = snapshot.cuts;
    host.emit(withBytes(event, snapshot.bytes));
  });
}

function problemOf({ scorerId, score, label }: ScoreInput): string | undefined {
  if (typeof scorerId !== 'string' || scorerId === '') return 'a score has no scorerId';
  const hasScore = score !== undefined && score !== null;
  if (hasScore ? Number.isFinite(score) : typeof label === 'string') return undefined;
  return `scorer "${scorerId}" gave ${String(score)} and ${label === undefined ? 'no label' : 'a label'}`;
}
