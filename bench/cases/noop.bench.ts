import type { BaseObservabilityInstance, PluginHost } from '../../core/index.ts';
import { SIGNALS } from '../../core/index.ts';
import type { BenchCase, Measures } from '../case.ts';
import { startInstance } from '../instance.ts';
import { perCall } from '../time.ts';

const DATA = { route: '/chat', model: 'claude-sonnet' };

/** What an emit costs where nothing is made: the signal is off, or no plugin listens to it. */
export default {
  title: 'emit where nothing is made, against calling an empty function',
  subjects: {
    'empty function': () => perCall(nothing),
    'counter.add, signal off': () => off(counting),
    'counter.add, no plugin': () => noPlugin(counting),
    'logger.info, signal off': () => off(logging),
    'logger.info, no plugin': () => noPlugin(logging),
    'logger.debug, below the level': () => on((obs) => () => obs.logger.debug('hello', DATA)),
    'startSpan + end, signal off': () => off(spanning),
    'startSpan + end, no plugin': () => noPlugin(spanning),
    'trace, signal off': () => off(tracing),
    'trace, no plugin': () => noPlugin(tracing),
  },
} satisfies BenchCase;

type Emitter = (obs: BaseObservabilityInstance) => () => unknown;

const counting: Emitter = (obs) => {
  const counter = obs.metrics.counter('requests');
  return () => counter.add(1, DATA);
};
const logging: Emitter = (obs) => () => obs.logger.info('hello', DATA);
const spanning: Emitter = (obs) => () => obs.startSpan({ name: 'work' }).end();
const tracing: Emitter = (obs) => () => obs.trace('work', nothing);

async function off(emitter: Emitter): Promise<Measures> {
  return perCall(emitter(await startInstance(tapAll, SIGNALS)));
}

async function noPlugin(emitter: Emitter): Promise<Measures> {
  return perCall(emitter(await startInstance()));
}

async function on(emitter: Emitter): Promise<Measures> {
  return perCall(emitter(await startInstance(tapAll)));
}

function tapAll(host: PluginHost): void {
  for (const signal of SIGNALS) host.hooks[signal].tap(nothing);
}

function nothing(): void {}
