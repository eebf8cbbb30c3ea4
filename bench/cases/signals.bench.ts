import type { BenchCase, Measures } from '../case.ts';
import { startInstance } from '../instance.ts';
import { perCall, sink } from '../per-call.ts';

const LABELS = { route: '/chat', model: 'claude-sonnet' };
const DATA = { userId: 'user-42', attempts: 3, tool: 'search', cached: false };

/** What the emitters beside spans cost with one plugin that listens. */
export default {
  title: 'counter.add, logger.info and addScore with one tap',
  subjects: {
    'counter.add(1)': () => listening((obs) => counting(obs, undefined)),
    'counter.add(1, 2 labels)': () => listening((obs) => counting(obs, LABELS)),
    'logger.info(message)': () => listening((obs) => () => obs.logger.info('cache miss')),
    'logger.info(message, 4 fields)': () => listening((obs) => () => obs.logger.info('cache miss', DATA)),
    'logger.info inside a span': () => listening(inSpan),
    'addScore': () => listening((obs) => () => obs.addScore({ scorerId: 'tone', score: 0.9, traceId: TRACE })),
  },
} satisfies BenchCase;

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';


async function listening(emitter: (obs: BaseObservabilityInstance) => () => unknown): Promise<Measures> {
  const keep = (event: unknown) => {
    sink.value = event;
  };
  const obs = await startInstance((host) => {
    host.hooks.metrics.tap(keep);
    host.hooks.logs.tap(keep);
    host.hooks.scores.tap(keep);
    host.hooks.tracing.tap(keep);
  });
  return perCall(emitter(obs));
}

function counting(obs: BaseObservabilityInstance, labels: typeof LABELS | undefined): () => void {
  const counter = obs.metrics.counter('requests');
  return () => counter.add(1, labels);
}

function inSpan(obs: BaseObservabilityInstance): () => void {
  const span = obs.startSpan({ name: 'work' });
  return () => span.run(() => obs.logger.info('cache miss', DATA));
}
