import type { BaseObservabilityInstance } from '../../core/index.ts';
import type { BenchCase, Measures } from '../case.ts';
import { startInstance } from '../instance.ts';
import { perCall, sink } from '../time.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const LABELS = { route: '/chat', model: 'claude-sonnet' };
const DATA = { userId: 'user-42', attempts: 3, tool: 'search', cached: false };

/** What the emitters of the four signals beside spans cost, from the call to the tap. */
export default {
  title: 'metrics, logs, scores and feedback with one tap',
  subjects: {
    'counter.add(1)': () => counting(undefined),
    'counter.add(1, 2 labels)': () => counting(LABELS),
    'logger.info(message)': () => emitting((obs) => obs.logger.info('cache miss')),
    'logger.info(message, 4 fields)': () => emitting((obs) => obs.logger.info('cache miss', DATA)),
    'logger.info inside a span': loggingInSpan,
    addScore: () => emitting((obs) => obs.addScore({ scorerId: 'tone', score: 0.9, traceId: TRACE_ID })),
    addFeedback: () =>
      emitting((obs) => obs.addFeedback({ feedbackType: 'thumbs', value: 1, traceId: TRACE_ID })),
  },
} satisfies BenchCase;

async function counting(labels: typeof LABELS | undefined): Promise<Measures> {
  const counter = (await tapped()).metrics.counter('requests');
  return perCall(() => counter.add(1, labels));
}

async function emitting(emit: (obs: BaseObservabilityInstance) => void): Promise<Measures> {
  const obs = await tapped();
  return perCall(() => emit(obs));
}

async function loggingInSpan(): Promise<Measures> {
  const obs = await tapped();
  return obs.trace('work', () => perCall(() => obs.logger.info('cache miss', DATA)));
}

function tapped(): Promise<BaseObservabilityInstance> {
  const keep = (event: unknown): void => {
    sink.value = event;
  };
  return startInstance((host) => {
    host.hooks.tracing.tap(keep);
    host.hooks.metrics.tap(keep);
    host.hooks.logs.tap(keep);
    host.hooks.scores.tap(keep);
    host.hooks.feedback.tap(keep);
  });
}
