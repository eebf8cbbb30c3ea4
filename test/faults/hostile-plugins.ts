import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginHost } from '../../core/contract/host.ts';
import { definePlugin, type Plugin } from '../../core/contract/plugin.ts';
import { ObservabilityStorage } from '../../core/contract/store.ts';
import type { BaseObservabilityInstance } from '../../core/instance.ts';
import { type ObservabilityEvent, SIGNALS } from '../../core/signals/index.ts';

/** What a hostile plugin does, in each of its taps and sends or at a step of its life. */
interface Hostility {
  tap?: (event: ObservabilityEvent, obs: () => BaseObservabilityInstance) => unknown;
  send?: (batch: readonly ObservabilityEvent[], obs: () => BaseObservabilityInstance) => Promise<unknown>;
  flush?: () => unknown;
  shutdown?: () => unknown;
  store?: () => ObservabilityStorage;
  /** Events of each signal, where the usual number would take minutes. */
  events?: number;
}

const boom = () => {
  throw new Error('boom');
};
const NEVER = new Promise<never>(() => {});
const thrown = ['a string', null, Object.freeze({ message: 'frozen' }), Object.create(null)];
let turn = 0;
const throwOdd = () => {
  throw thrown[turn++ % thrown.length];
};
const kept: ObservabilityEvent[] = [];

/** A thenable that settles twice, in ways that contradict each other. */
function twice(first: 'resolve' | 'reject', laterMs: number): Promise<unknown> {
  const settle = (resolve: (value: unknown) => void, reject: (error: unknown) => void) => {
    const steps = { resolve: () => resolve(undefined), reject: () => reject(new Error('boom')) };
    setTimeout(() => {
      steps[first]();
      steps.reject();
    }, laterMs).unref();
  };
  // biome-ignore lint/suspicious/noThenProperty: a thenable that does not keep the rules is the point
  return { then: settle } as unknown as Promise<unknown>;
}

function blockFor(ms: number): void {
  for (const endsAt = performance.now() + ms; performance.now() < endsAt; );
}

function change(event: ObservabilityEvent): void {
  Object.assign(event, { type: 'changed', timestamp: 'never' });
}

function emitMore(obs: () => BaseObservabilityInstance): void {
  obs().logger.info('from inside');
  obs().startSpan({ name: 'from inside', type: 'generic' }).end();
}

class ThrowingStrategy extends ObservabilityStorage {
  override get logsStrategy(): never {
    return boom();
  }
}

/** What it inherits are hints for all signals, and no method. */
class EmptyPromises extends ObservabilityStorage {}

/** The ways in which plugins go wrong, by name. */
export const HOSTILITIES: Record<string, Hostility> = {
  'throws at once': { tap: boom, send: boom },
  'throws what is no error': { tap: throwOdd, send: throwOdd },
  rejects: { tap: () => Promise.reject(new Error('boom')), send: () => Promise.reject(new Error('boom')) },
  'rejects later, twice': { tap: () => twice('reject', 5), send: () => twice('reject', 5) },
  'is async where that is not expected': { tap: async () => boom() },
  'never resolves': { tap: () => NEVER, send: () => NEVER },
  'resolves long after its time limit': { tap: () => sleep(600), send: () => sleep(600) },
  'settles twice': { tap: () => twice('resolve', 1), send: () => twice('resolve', 1) },
  'blocks the event loop 200 ms for each event': { tap: () => blockFor(200), events: 2 },
  'changes its events': { tap: change, send: async (batch) => batch.forEach(change) },
  'keeps all events': { tap: (event) => kept.push(event), send: async (batch) => void kept.push(...batch) },
  'emits from inside': {
    tap: (_, obs) => emitMore(obs),
    send: async (_, obs) => emitMore(obs),
  },
  'throws in flush': { flush: boom },
  'throws in shutdown': { shutdown: boom },
  'hangs in shutdown': { shutdown: () => NEVER },
  'has a strategy that throws': { store: () => new ThrowingStrategy() },
  'has a strategy without its methods': { store: () => new EmptyPromises() },
};

/** The plugin that does it, on all signals. */
export function hostilePlugin(hostility: Hostility, obs: () => BaseObservabilityInstance): Plugin {
  const { tap, send, flush, shutdown, store } = hostility;
  const apply = (host: PluginHost) => {
    for (const signal of SIGNALS) {
      if (tap) host.hooks[signal].tap(((event: ObservabilityEvent) => tap(event, obs)) as never);
      if (send)
        host.deliver[signal]((async (batch: readonly ObservabilityEvent[]) => send(batch, obs)) as never);
    }
    if (flush) host.hooks.flush.tap(flush as never);
    if (shutdown) host.hooks.shutdown.tap(shutdown as never);
    if (store) host.registerStore(store());
  };
  const manifest = { name: 'hostile', apiVersion: 1, kind: 'exporter', signals: SIGNALS } as const;
  return definePlugin({ ...manifest, apply }) as unknown as Plugin;
}
