import type { EventOf, Signal } from '../../../core/index.ts';
import { exportedSpan, feedbackEvent, logEvent, metricEvent, scoreEvent } from '../events.ts';

/** What a sample is filled with. */
export interface Filling {
  /** Where text goes: names, messages, labels, comments. */
  text?: string;
  /** Where any JSON goes: inputs, data, metadata. */
  json?: unknown;
  /** Where a number goes. */
  number?: number;
  timeUnixMicro?: number;
  traceId?: string;
}

const MAKE: { readonly [S in Signal]: (filling: Filling) => EventOf[S] } = {
  tracing: ({ text = 'text', json = { key: 'value' }, number = 1, timeUnixMicro, traceId }) => ({
    type: 'span.ended',
    exportedSpan: exportedSpan({
      name: text,
      input: json,
      output: text,
      attributes: { usage: { inputTokens: number } },
      metadata: { json, text },
      tags: [text, 'second'],
      userId: text,
      errorInfo: { message: text, details: { json } },
      ...(timeUnixMicro !== undefined && { startUnixMicro: timeUnixMicro }),
      ...(traceId !== undefined && { traceId }),
    }),
  }),
  metrics: ({ text = 'text', json = { key: 'value' }, number = 1, ...more }) =>
    metricEvent({
      ...more,
      name: text === '' ? 'empty' : text,
      metricType: 'gauge',
      value: number,
      labels: { text, [text]: 'value' },
      metadata: { json },
    }),
  logs: ({ text = 'text', json = { key: 'value' }, number = 1, ...more }) =>
    logEvent({ ...more, record: { message: text, data: { json, number } } }),
  scores: ({ text = 'text', json = { key: 'value' }, number = 1, ...more }) =>
    scoreEvent({
      ...more,
      score: {
        scorerId: text === '' ? 'empty' : text,
        score: number,
        label: text,
        reason: text,
        metadata: { json },
      },
    }),
  feedback: ({ text = 'text', json = { key: 'value' }, number = 1, ...more }) =>
    feedbackEvent({
      ...more,
      feedback: {
        feedbackType: text === '' ? 'empty' : text,
        value: number,
        comment: text,
        metadata: { json },
      },
    }),
};

/** An event of a signal with something in every field that can hold it. */
export function sample<S extends Signal>(signal: S, filling: Filling = {}): EventOf[S] {
  return MAKE[signal](filling) as EventOf[S];
}
