import type { Access, Call, CallOptions } from '../access.ts';
import { Engine } from '../engine.ts';
import type { DatabaseOptions } from '../file/open.ts';
import { prepareFile } from '../file/place.ts';
import { acquireLock, type FileLock } from './lock.ts';

/** The way to a database for one thread: it owns the file, or goes through whoever does. */
export class Keeper implements Access {
  readonly #options: DatabaseOptions;
  readonly #engine: Engine;
  #lock: FileLock | undefined;

  constructor(options: DatabaseOptions) {
    this.#options = options;
    this.#engine = new Engine(options);
  }

  async open(): Promise<void> {
    const { path } = this.#options;
    if (path !== ':memory:') this.#lock ??= await acquireLock(prepareFile(path).path);
    try {
      await this.#engine.open();
    } catch (error) {
      this.#unlock();
      throw error;
    }
  }

  call(call: Call, options?: CallOptions): Promise<unknown> {
    return this.#engine.call(call, options);
  }

  async close(): Promise<void> {
    try {
      await this.#engine.close();
    } finally {
      this.#unlock();
    }
  }

  #unlock(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }
}
