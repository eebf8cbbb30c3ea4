import type { Signal } from '../../core/index.ts';

/** What one record of a signal is called. */
export const NOUNS: Record<Signal, string> = {
  tracing: 'span',
  metrics: 'metric',
  logs: 'log',
  scores: 'score',
  feedback: 'feedback event',
};
