import { relative } from 'node:path';
import type { ReadFiles } from '../config/read-files.ts';
import type { Resolution } from '../config/resolved.ts';
import { messageOf } from '../errors.ts';
import type { BaseObservabilityInstance } from '../instance.ts';
import type { Wired } from '../wire.ts';
import { writeLeft } from './lifecycle.ts';
import { type LivingHost, processLife } from './process-life.ts';
import { type ReloadResult, reloadHost } from './reload.ts';
import { SelfMetrics } from './self-metrics.ts';
import { ConfigWatch } from './watch-config.ts';

/** What is kept up, and where its config comes from. */
export interface UpkeepParts {
  wired: Wired;
  instance: BaseObservabilityInstance;
  /** What the config in force was read from. */
  read: ReadFiles;
  /** Reads it again. */
  resolve: () => Promise<Resolution>;
}

/** What goes on beside a running host as its config says, now and after each reload. */
export class Upkeep {
  readonly selfMetrics: SelfMetrics;
  readonly #wired: Wired;
  readonly #watch: ConfigWatch;
  readonly #living: LivingHost;
  readonly #resolve: () => Promise<Resolution>;
  /** What the config was read from last, whether or not it could be put in force. */
  #read: ReadFiles;
  #lastReload: Promise<unknown> = Promise.resolve();

  constructor({ wired, instance, read, resolve }: UpkeepParts) {
    const { slot, book } = wired;
    this.#wired = wired;
    this.#read = read;
    this.#resolve = resolve;
    this.selfMetrics = new SelfMetrics({ metrics: instance.metrics, report: () => book.report() });
    this.#watch = new ConfigWatch({
      changed: () => void this.#reloadAndSay(),
      gone: (file) =>
        book.warnOnce('gone', `${relative('', file)} is gone; what it said stays in force until it is back`),
      failed: (error) => book.warnOnce('watch', `the config is no longer watched: ${messageOf(error)}`),
    });
    this.#living = {
      handlesSignals: false,
      flush: () => instance.flush({ deadlineMs: slot.config.shutdownTimeoutMs }),
      shutdown: () => instance.shutdown(),
      writeLeft: () => writeLeft(wired),
    };
  }

  /** Loads the config again and goes on as it says; calls run one after the other. */
  reload(): Promise<ReloadResult> {
    const reloaded = this.#lastReload
      .then(() => reloadHost(this.#wired, () => this.#readAgain()))
      .finally(() => this.follow());
    this.#lastReload = reloaded.catch(() => undefined);
    return reloaded;
  }

  async #readAgain(): Promise<Resolution> {
    const resolution = await this.#resolve();
    this.#read = resolution.read;
    return resolution;
  }

  /** Goes on as the config in force says. */
  follow(): void {
    const { slot, bus } = this.#wired;
    if (bus.isClosed) return;
    const { config } = slot;
    this.#living.handlesSignals = config.handleSignals && !config.disabled;
    processLife().add(this.#living);
    this.selfMetrics.follow(config.selfMetrics);
    this.#watch.follow(config.watch ? this.#read : undefined);
  }

  /** Nothing goes on any more; the end of the process is watched until {@link leave}. */
  stop(): void {
    this.selfMetrics.stop();
    this.#watch.stop();
  }

  /** The host has shut down. */
  leave(): void {
    processLife().remove(this.#living);
  }

  /** Never rejects. */
  async #reloadAndSay(): Promise<void> {
    const { book } = this.#wired;
    try {
      book.say(`obs INFO the config was reloaded: ${changeOf(await this.reload())}`);
    } catch (error) {
      const text = error instanceof Error ? error.message : messageOf(error);
      if (!this.#wired.bus.isClosed)
        book.say(`obs ERROR the config was not reloaded, the one before stays in force: ${text}`);
    }
  }
}

function changeOf({ unchanged, ...changes }: ReloadResult): string {
  const parts = Object.entries(changes).flatMap(([what, keys]) =>
    keys.length > 0 ? `${what} ${keys.join(', ')}` : [],
  );
  return parts.length === 0 ? 'nothing changed' : [...parts, `${unchanged.length} unchanged`].join('; ');
}
