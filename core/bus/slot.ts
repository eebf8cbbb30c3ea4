import type { ResolvedConfig } from '../config/resolved.ts';
import { bySignal, type Signal } from '../signals/index.ts';
import type { HookTable } from './hooks.ts';
import type { Phases } from './phases.ts';

/** What events pass on their way to the plugins. */
export interface Table {
  readonly hooks: HookTable;
  readonly phases: Phases;
}

/** What an entry placed: it can be put on one table after another. */
export interface Placed {
  /** Puts the taps of signals that are on, and those on the steps of the host's life. */
  put(table: Table, isOn: (signal: Signal) => boolean): void;
}

/** Whether a signal is on, and who said so. */
export interface SignalSwitch {
  isOn: boolean;
  /** `setSignal` goes before the config, also before one that is loaded later. */
  setBy: 'config' | 'setSignal';
}

/**
 * What a host runs on now: a config and the table that was made for it. Emitters are made once and look here for each
 * event, so those that users keep follow when something else is put in, which is one synchronous step.
 */
export class Slot {
  // Plain fields, since they are read for each event; only `fill` writes them.
  config: ResolvedConfig;
  hooks: HookTable;
  phases: Phases;
  /** False for a signal that is switched off: nothing is placed on its hook, and no event of it is made. */
  on: Readonly<Record<Signal, boolean>>;
  readonly #newTable: (config: ResolvedConfig) => Table;
  readonly #byHand: Partial<Record<Signal, boolean>> = {};
  readonly #followers: ((config: ResolvedConfig) => void)[] = [];

  constructor(config: ResolvedConfig, newTable: (config: ResolvedConfig) => Table) {
    this.#newTable = newTable;
    this.config = config;
    this.on = this.#switchesFor(config);
    ({ hooks: this.hooks, phases: this.phases } = newTable(config));
  }

  /** Lets somebody keep what they need of the config: called now, and in the same step in which another one is put in. */
  follow(follower: (config: ResolvedConfig) => void): void {
    this.#followers.push(follower);
    follower(this.config);
  }

  get switches(): Record<Signal, SignalSwitch> {
    const setBy = (signal: Signal) => (this.#byHand[signal] === undefined ? 'config' : 'setSignal');
    return bySignal((signal) => ({ isOn: this.on[signal], setBy: setBy(signal) }));
  }

  /** Switches a signal, whatever the config says; undefined: as the config says. */
  switch(signal: Signal, isOn: boolean | undefined, placed: Iterable<Placed>): void {
    if (isOn === undefined) delete this.#byHand[signal];
    else this.#byHand[signal] = isOn;
    this.fill(this.config, placed);
  }

  /** Puts in a config and a new table with what these entries placed. */
  fill(config: ResolvedConfig, placed: Iterable<Placed>): void {
    const on = this.#switchesFor(config);
    const table = this.#newTable(config);
    for (const each of placed) each.put(table, (signal) => on[signal]);
    Object.assign(this, { config, on, ...table });
    for (const follower of this.#followers) follower(config);
  }

  /** Puts what one more entry placed on the table that is there. */
  add(placed: Placed): void {
    placed.put(this, (signal) => this.on[signal]);
  }

  /** The hooks with what one entry placed on the steps of the host's life, and nothing else. */
  stepsOf(placed: Placed): HookTable {
    const table = this.#newTable(this.config);
    placed.put(table, () => false);
    return table.hooks;
  }

  #switchesFor({ signals, disabled }: ResolvedConfig): Record<Signal, boolean> {
    return bySignal((signal) => !disabled && (this.#byHand[signal] ?? signals[signal].enabled));
  }
}
