import { AsyncParallelHook, SyncHook } from 'tapable';
import { timerMs } from '../clock.ts';
import { ObsError } from '../errors.ts';
import type { EventOf, ObservabilityEvent, Signal } from '../signals/index.ts';

/** What a lifecycle tap is told: how many milliseconds are left. */
export interface LifecycleStep {
  deadlineMs: number;
}

/** The hook table: one hook per signal, and one per step of the host's life. */
export type HookTable = { readonly [S in Signal]: SyncHook<[EventOf[S]]> } & {
  readonly start: AsyncParallelHook<[LifecycleStep]>;
  readonly flush: AsyncParallelHook<[LifecycleStep]>;
  readonly shutdown: AsyncParallelHook<[LifecycleStep]>;
};

type HookName = Signal | 'start' | 'flush' | 'shutdown';

/** Who is told about taps that misbehave; a tap's name is the plugin's key. */
export interface TapWatch {
  /** The tap threw or rejected. */
  failed(tap: string, hook: HookName, error: unknown): void;
  /** The tap held up the event loop. */
  blocked(tap: string, hook: HookName, ms: number): void;
}

/** A tap that takes longer holds up the event loop noticeably. */
const BLOCKING_MS = 50;
/** Reading the clock costs more than most taps, so one call in this many is timed. */
const TIMED_EVERY = 16;

/**
 * Makes the hooks, each with the guard around every tap: a tap that throws, rejects, or returns a promise where none
 * is expected neither reaches the emitter nor stops another tap. tapable compiles its calls with `new Function`.
 */
export function createHooks(watch: TapWatch): HookTable {
  return {
    tracing: guardSync(new SyncHook<[EventOf['tracing']]>(['event'], 'tracing'), 'tracing', watch),
    metrics: guardSync(new SyncHook<[EventOf['metrics']]>(['event'], 'metrics'), 'metrics', watch),
    logs: guardSync(new SyncHook<[EventOf['logs']]>(['event'], 'logs'), 'logs', watch),
    scores: guardSync(new SyncHook<[EventOf['scores']]>(['event'], 'scores'), 'scores', watch),
    feedback: guardSync(new SyncHook<[EventOf['feedback']]>(['event'], 'feedback'), 'feedback', watch),
    start: guardAsync(new AsyncParallelHook<[LifecycleStep]>(['step'], 'start'), 'start', watch),
    flush: guardAsync(new AsyncParallelHook<[LifecycleStep]>(['step'], 'flush'), 'flush', watch),
    shutdown: guardAsync(new AsyncParallelHook<[LifecycleStep]>(['step'], 'shutdown'), 'shutdown', watch),
  };
}

/** What tapable keeps of a tap: the event types it takes, where it does not take all. */
interface TypedTap {
  readonly types?: ReadonlySet<string> | undefined;
}

/**
 * True when a plugin listens to a signal, or to one type of its events: the fast exit of every emitter. (`isUsed()` is
 * always true once there is a guard.)
 */
export function isTapped(hooks: HookTable, signal: Signal, type?: string): boolean {
  const taps = hooks[signal].taps as readonly TypedTap[];
  if (type === undefined) return taps.length > 0;
  for (const { types } of taps) if (!types || types.has(type)) return true;
  return false;
}

/** Places a tap on the hook of a signal. Events of other `types` need not be made for it; it is called for all. */
export function tapSignal<S extends Signal>(
  hooks: HookTable,
  signal: S,
  name: string,
  fn: (event: EventOf[S]) => void,
  types?: ReadonlySet<string>,
): void {
  const tap = { name, types };
  (hooks[signal] as unknown as SyncHook<[EventOf[S]]>).tap(tap, fn);
}

/** Hands an event to the taps of its signal. */
export function callSignal(hooks: HookTable, signal: Signal, event: ObservabilityEvent): void {
  (hooks[signal] as SyncHook<[ObservabilityEvent]>).call(event);
}

function guardSync<E>(hook: SyncHook<[E]>, signal: Signal, watch: TapWatch): SyncHook<[E]> {
  hook.intercept({
    register(tap) {
      const inner = tap.fn as (event: E) => unknown;
      const fail = (error: unknown) => watch.failed(tap.name, signal, error);
      let calls = 0;
      tap.fn = (event: E) => {
        const startedAt = calls++ % TIMED_EVERY === 0 ? performance.now() : undefined;
        try {
          const returned = inner(event);
          if (returned !== undefined) settle(returned, fail);
        } catch (error) {
          fail(error);
        }
        if (startedAt === undefined) return;
        const ms = performance.now() - startedAt;
        if (ms > BLOCKING_MS) watch.blocked(tap.name, signal, ms);
      };
      return tap;
    },
  });
  return hook;
}

type AsyncStep = AsyncParallelHook<[LifecycleStep]>;

function guardAsync(hook: AsyncStep, name: HookName, watch: TapWatch): AsyncStep {
  hook.intercept({
    register(tap) {
      const inner = tap.fn as (step: LifecycleStep) => unknown;
      tap.fn = async (step: LifecycleStep) => {
        try {
          await withinDeadline(inner(step), step.deadlineMs, name !== 'start');
        } catch (error) {
          watch.failed(tap.name, name, error);
        }
      };
      return tap;
    },
  });
  return hook;
}

/** A promise where none is expected is not waited for, but its rejection is caught. */
function settle(returned: unknown, fail: (error: unknown) => void): void {
  const then = (returned as { then?: unknown } | null)?.then;
  if (typeof then === 'function') Promise.resolve(returned).catch(fail);
}

/**
 * Waits for a step, at most for its deadline: a tap that hangs holds up nobody for ever.
 * @param holdsProcess true while somebody is waiting for a flush or shutdown; nobody waits for a start.
 * @throws ObsError `OBS_DEADLINE`, or what the step was rejected with.
 */
export async function withinDeadline(
  step: unknown,
  deadlineMs: number,
  holdsProcess: boolean,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const giveUp = () =>
      reject(new ObsError('OBS_DEADLINE', `no answer within ${Math.round(deadlineMs)} ms`));
    timer = setTimeout(giveUp, timerMs(deadlineMs));
    if (!holdsProcess) timer.unref();
  });
  try {
    await Promise.race([step, late]);
  } finally {
    clearTimeout(timer);
  }
}
