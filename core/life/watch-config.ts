import { existsSync, type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';
import { localFiles, newestOf, stateOf } from '../config/local-files.ts';
import type { ReadFiles } from '../config/read-files.ts';

/** Editors write a file in several steps, and some tools write several files. */
const DEBOUNCE_MS = 100;
/** The state of no files whatever. */
const UNSEEN = 'unseen';

const NOTHING: ReadFiles = { files: [], since: 0 };

/** Who is told by a {@link ConfigWatch}. */
export interface WatchListener {
  changed(): void;
  /** The config file is not there; until it is again nothing is changed. */
  gone(file: string): void;
  /** A directory can no longer be watched. */
  failed(error: unknown): void;
}

/**
 * Watches the files of a config, and what they import by relative paths, through their directories, since editors put a
 * new file in the place of the old one. It keeps no process alive and never throws.
 */
export class ConfigWatch {
  readonly #listener: WatchListener;
  /** The config file first. */
  #roots: readonly string[] = [];
  #files: string[] = [];
  #state = '';
  #watchers = new Map<string, FSWatcher>();
  #timer: NodeJS.Timeout | undefined;

  constructor(listener: WatchListener) {
    this.#listener = listener;
  }

  /** Watches these files, and what they import, from now on; what was written since they were read is a change. */
  follow({ files, since }: ReadFiles = NOTHING): void {
    if (files.join('\n') === this.#roots.join('\n')) return;
    this.#roots = files;
    this.#look();
    if (!files.some((file) => Math.floor(newestOf(file)) > since)) return;
    this.#state = UNSEEN;
    this.#stir();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.follow();
  }

  /** Takes note of what is there now. */
  #look(): void {
    this.#files = this.#roots.flatMap(localFiles);
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
        this.#listener.failed(error);
      });
      this.#watchers.set(directory, watcher);
    } catch (error) {
      this.#listener.failed(error);
    }
  }

  #leave(directory: string, watcher: FSWatcher): void {
    watcher.close();
    this.#watchers.delete(directory);
  }

  /** Something happened in a directory; not put off by what happens meanwhile, or a busy log file would do so for ever. */
  #stir(): void {
    if (this.#roots.length > 0) this.#timer ??= setTimeout(() => this.#compare(), DEBOUNCE_MS).unref();
  }

  #compare(): void {
    this.#timer = undefined;
    const [config] = this.#roots;
    // Some tools remove a file before they write it; to run without any config meanwhile is what nobody wants.
    if (config !== undefined && !existsSync(config)) this.#listener.gone(config);
    else if (stateOf(this.#files) !== this.#state) {
      // What it imports may be others now, whether or not the config is one that can run.
      this.#look();
      this.#listener.changed();
    }
  }
}
