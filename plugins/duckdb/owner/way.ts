import type { Post } from './requests.ts';

/** How requests reach the open database: it is here, or at its owner's. */
export interface Way {
  readonly post: Post;
  /** Resolves when it has ended by itself. */
  readonly lost: Promise<void>;
  /** Whether it has to keep the process alive. */
  setBusy(isBusy: boolean): void;
  /** Ends it after everything that was asked before. */
  close(): Promise<void>;
}
