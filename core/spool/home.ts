import { join } from 'node:path';
import type { SpoolFiles } from './files.ts';
import { releaseSlots, type Slots, takeSlots } from './slots.ts';
import { call, codeOf, create, makeDirectory, run, runSync, type Steps, writeAll } from './steps.ts';

/** The time for which a spool is in somebody's hands. */
export interface Turn {
  begun: Promise<void>;
  /** Resolves when it is over, and what nobody uses any more is given back. */
  end: () => Promise<void>;
}

/** The directories of the spools of one entry, and the right to write there; shared by its signals. */
export class SpoolHome {
  readonly #root: string;
  readonly #directory: string;
  readonly #files: SpoolFiles;
  #opening: Promise<Slots> | undefined;
  #slots: Slots | undefined;
  #users = 0;
  /** By name of a spool: when the one before it, as before a change of the config, has closed. */
  readonly #turns = new Map<string, Promise<void>>();

  /** @param root the directory of all spools; `name` is the entry's own in it. */
  constructor(root: string, name: string, files: SpoolFiles) {
    this.#root = root;
    this.#directory = join(root, name);
    this.#files = files;
  }

  /** Takes the next turn at a spool; it begins when the one before has ended its own. */
  use(name: string): Turn {
    this.#users++;
    const begun = this.#turns.get(name) ?? Promise.resolve();
    let end!: () => void;
    this.#turns.set(
      name,
      new Promise((resolve) => {
        end = resolve;
      }),
    );
    return { begun, end: () => this.#leave().finally(end) };
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

  /** The last one gives the slots back. */
  async #leave(): Promise<void> {
    if (--this.#users > 0) return;
    await this.#opening?.catch(() => undefined);
    const slots = this.#slots;
    // Somebody came meanwhile.
    if (this.#users > 0 || !slots) return;
    this.#slots = undefined;
    this.#opening = undefined;
    await run(releaseSlots(slots), this.#files).catch(() => undefined);
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
