import type { SignalSwitch } from '../bus/slot.ts';
import type { DeliveryCounts } from '../delivery/counts.ts';
import type { Signal } from '../signals/index.ts';
import type { SignalDiagnostics } from './signal-diagnostics.ts';

/**
 * `pending` until the start hook is done, `degraded` while starting fails or sends fail, `closed` after the shutdown or
 * a reload without the entry.
 */
export type PluginState = 'pending' | 'running' | 'degraded' | 'closed';

/** What is known of one plugin entry. */
export interface PluginDiagnostics {
  state: PluginState;
  /** Failures of taps by hook name. */
  tapFailures: Record<string, number>;
  lastError?: { message: string; at: Date };
  signals: Partial<Record<Signal, SignalDiagnostics>>;
}

/** What a host says about itself. */
export interface Diagnostics {
  /** Which signals are on now, and who said so. */
  signals: Record<Signal, SignalSwitch>;
  /** Events handed to the hooks, by signal, and what was given up before that, by reason. */
  emitted: Record<Signal, { count: number; dropped: Record<string, number> }>;
  plugins: Record<string, PluginDiagnostics>;
  /** Metric events whose labels went into an overflow series. */
  overflowed: number;
  /** Subscribers of the bus, each to all signals. */
  subscribers: Record<string, DeliveryCounts>;
}
