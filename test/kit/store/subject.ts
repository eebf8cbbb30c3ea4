import type { PluginUse } from '../../../core/index.ts';
import type { ConformanceCase } from '../conformance.ts';

/** A store as its suite sees it. */
export interface StoreSubject {
  /** The plugin, with options that keep what it writes below this directory, which is new for each check. */
  readonly use: (directory: string) => PluginUse;
  /** The same, for a store that still has what was written when it is closed and opened again. Absent: it has not. */
  readonly reopen?: (directory: string) => PluginUse;
  /** Makes what a closed store of {@link reopen} left behind look as if a later release had written it. */
  readonly makeNewer?: (directory: string) => void | Promise<void>;
  /** Options that look like secrets by their names and are none. */
  readonly notSecret?: readonly string[];
  /** Checks that do not apply, by id, and why. */
  readonly skip?: Readonly<Record<string, string>>;
}

/** A check of a store: one cell of the matrix. */
export interface StoreCase extends ConformanceCase {
  /** The method or methods of the store. */
  readonly method: string;
  /** The strategy by which events reach it; `-` for what does not depend on one. */
  readonly strategy: string;
  /** What is looked at. */
  readonly check: string;
}
