import { join } from 'node:path';
import type { SpoolFiles } from './files.ts';
import { releaseSlots, type Slots, takeSlots } from './slots.ts';
import { call, codeOf, create, makeDirectory, run, runSync, type Steps, writeAll } from './steps.ts';

/** The directories of the spools of one entry, and the right to write there; shared by its signals. */
export class SpoolHome {
  readonly #root: string;
  readonly #directory: string;
  readonly #files: SpoolFiles;
  #opening: Promise<Slots> | undefined;
  #slots: Slots | undefined;
  #users = 0;

  /** @param root the directory of all spools; `name` is the entry's own in it. */
  constructor(root: string, name: string, files: SpoolFiles) {
    this.#root = root;
    this.#directory = join(root, name);
    this.#files = files;
  }

  /** Somebody will {@link open} it, and {@link close} it. */
  use(): void {
    this.#users++;
  }

  /**
   * Takes slots, once for all.
   * @throws what the file system says; then it may be tried again.
   */
  async open(): Promise<Slots> {
    this.#opening ??= run(this.#take(), this.#files).catch((error) => {
      this.#opening = undefined;
      throw error;
    });
    const slots = await this.#opening;
    this.#slots ??= slots;
    return this.#slots;
  }

  /** Likewise, at the end of a process: one that is being opened is not waited for. */
  openSync(): Slots {
    this.#slots ??= runSync(this.#take(), this.#files);
    return this.#slots;
  }

  /** The last one that closes gives the slots back. */
  async close(): Promise<void> {
    if (--this.#users > 0 || !this.#slots) return;
    await run(releaseSlots(this.#slots), this.#files).catch(() => undefined);
  }

  *#take(): Steps<Slots> {
    yield* makeDirectory(this.#root);
    yield* ignoreInGit(this.#root);
    return yield* takeSlots(this.#directory);
  }
}

/** Prompts go there, which must not come under version control. */
function* ignoreInGit(directory: string): Steps<void> {
  let fd: number;
  try {
    fd = yield* create(join(directory, '.gitignore'));
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    throw error;
  }
  yield* writeAll(fd, Buffer.from('*\n'), 0);
  yield* call('close', fd);
}
