import type { BenchCase, Measures } from '../case.ts';
import { startInstance } from '../instance.ts';
import { perCall } from '../per-call.ts';

const LABELS = { route: '/chat', model: 'claude-sonnet' };
const ALL = ['tracing', 'metrics', 'logs', 'scores', 'feedback'] as const;

/** What an emit costs where nothing is made: the signal is off, or no plugin listens to it. */
export default {
  title: 'emit where nothing is made, against calling an empty function',
  subjects: {
    'empty function': () => perCall(nothing),
    'counter.add, signal off': () => off((obs) => counting(obs)),
    'counter.add, no plugin': () => silent((obs) => counting(obs)),
    'logger.info, signal off': () => off((obs) => () => obs.logger.info('hello', LABELS)),
    'logger.info, no plugin': () => silent((obs) => () => obs.logger.info('hello', LABELS)),
    'logger.debug, below the level': () => heard((obs) => () => obs.logger.debug('hello', LABELS)),
    'trace, signal off': () => off((obs) => () => obs.trace('work', answer)),
    'trace, no plugin': () => silent((obs) => () => obs.trace('work', answer)),
    'startSpan + end, signal off': () => off(spanning),
    'startSpan + end, no plugin': () => silent(spanning),
  },
} satisfies BenchCase;

type Emitter = (obs: BaseObservabilityInstance) => () => unknown;

function nothing(): void {}

function answer(): number {
  return 42;
}

function counting(obs: BaseObservabilityInstance): () => void {
  const counter = obs.metrics.counter('requests');
  return () => counter.add(1, LABELS);
}

function spanning(obs: BaseObservabilityInstance): () => void {
  return () => obs.startSpan({ name: 'work' }).end();
}

async function off(emitter: Emitter): Promise<Measures> {
  const obs = await startInstance(tapAll, [...ALL]);
  return perCall(emitter(obs));
}

async function silent(emitter: Emitter): Promise<Measures> {
  const obs = await startInstance();
  return perCall(emitter(obs));
}

async function heard(emitter: Emitter): Promise<Measures> {
  const obs = await startInstance(tapAll);
  return perCall(emitter(obs));
}

function tapAll(host: Parameters<NonNullable<Parameters<typeof startInstance>[0]>>[0]): void {
  for (const signal of ALL) host.hooks[signal].tap(nothing);
}
