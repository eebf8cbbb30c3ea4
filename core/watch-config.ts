import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { localFiles, stateOf } from './config/local-files.ts';

/** Editors write a file in several steps, and some tools write several files. */
const DEBOUNCE_MS = 100;

/**
 * Watches a config file and the files that it imports by relative paths, through their directories, since editors put a
 * new file in the place of the old one. It keeps no process alive and never throws.
 */
export class ConfigWatch {
  readonly #onChange: () => void;
  readonly #onFailure: (error: unknown) => void;
  #file: string | undefined;
  #files: string[] = [];
  #state = '';
  #watchers = new Map<string, FSWatcher>();
  #timer: NodeJS.Timeout | undefined;

  constructor(onChange: () => void, onFailure: (error: unknown) => void) {
    this.#onChange = onChange;
    this.#onFailure = onFailure;
  }

  /** Watches this file, and what it imports, from now on; undefined: nothing. */
  follow(file: string | undefined): void {
    if (file === this.#file) return;
    this.#file = file;
    this.#look();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.follow(undefined);
  }

  /** Takes note of what is there now. */
  #look(): void {
    this.#files = this.#file === undefined ? [] : localFiles(this.#file);
    this.#state = stateOf(this.#files);
    const directories = new Set(this.#files.map((each) => dirname(each)));
    for (const [directory, watcher] of this.#watchers)
      if (!directories.has(directory)) this.#leave(directory, watcher);
    for (const directory of directories) if (!this.#watchers.has(directory)) this.#watch(directory);
  }

  #watch(directory: string): void {
    try {
      const watcher = watch(directory, { persistent: false }, () => this.#stir());
      watcher.on('error', (error) => {
        this.#leave(directory, watcher);
        this.#onFailure(error);
      });
      this.#watchers.set(directory, watcher);
    } catch (error) {
      this.#onFailure(error);
    }
  }

  #leave(directory: string, watcher: FSWatcher): void {
    watcher.close();
    this.#watchers.delete(directory);
  }

  /** Something happened in a directory; not put off by what happens meanwhile, or a busy log file would do so for ever. */
  #stir(): void {
    if (this.#file !== undefined) this.#timer ??= setTimeout(() => this.#compare(), DEBOUNCE_MS).unref();
  }

  #compare(): void {
    this.#timer = undefined;
    if (stateOf(this.#files) === this.#state) return;
    // What it imports may be others now, whether or not the config is one that can run.
    this.#look();
    this.#onChange();
  }
}
