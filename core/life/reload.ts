import { assertResolved } from '../config/assert-resolved.ts';
import type { ConfigProblem } from '../config/problems.ts';
import type { EnabledEntry, Resolution } from '../config/resolved.ts';
import { problemsOf } from '../entry/apply-all.ts';
import type { EntryLife } from '../entry/entry-life.ts';
import { duplicate } from '../entry/registry.ts';
import { isSameEntry } from '../entry/same-entry.ts';
import { ObsError } from '../errors.ts';
import { enabledEntries, type Wired } from '../wire.ts';
import { changedSettings } from './changed-settings.ts';

/** What a reload changed: the keys of the entries that were on before or are on now, and settings. */
export interface ReloadResult {
  added: string[];
  removed: string[];
  /** Drained and closed, and started anew. */
  changed: string[];
  /** Carried over with their queues, connections and counts. */
  unchanged: string[];
  /** Dotted keys of the settings outside of the entries that have another value, such as `signals.logs.level`. */
  settings: string[];
}

/**
 * Puts the config that `resolve` finds in force: checks all of it first, swaps in one step, then closes what is gone and
 * starts what is new. An event meets either the old taps of an entry or the new ones.
 * @throws ObsError `OBS_CONFIG_INVALID` or `OBS_RELOAD_CLOSED`; nothing has changed then.
 */
export async function reloadHost(wired: Wired, resolve: () => Promise<Resolution>): Promise<ReloadResult> {
  const { registry, slot } = wired;
  assertOpen(wired);
  const resolution = await resolve();
  assertOpen(wired);
  const { kept, born, gone, registered, next, problems } = planOf(wired, resolution);
  assertResolved({ ...resolution, problems });

  const before = slot.config;
  registry.replace(resolution.config, [...next, ...registered]);
  await succeed(wired, gone, born, before.shutdownTimeoutMs);

  const [goneKeys, bornKeys] = [keysOf(gone), keysOf(born)];
  return {
    added: bornKeys.filter((key) => !goneKeys.includes(key)),
    removed: goneKeys.filter((key) => !bornKeys.includes(key)),
    changed: bornKeys.filter((key) => goneKeys.includes(key)),
    unchanged: keysOf(kept),
    settings: changedSettings(before, resolution.config),
  };
}

function assertOpen({ bus }: Wired): void {
  if (bus.isClosed) throw new ObsError('OBS_RELOAD_CLOSED', 'the instance is shut down');
}

/** What becomes of the entries. */
interface Plan {
  kept: EntryLife[];
  born: EntryLife[];
  gone: EntryLife[];
  /** Those that code registered; they are none of the config's business. */
  registered: EntryLife[];
  /** Kept and born ones in the order of the config. */
  next: EntryLife[];
  problems: ConfigProblem[];
}

function planOf({ registry, slot }: Wired, resolution: Resolution): Plan {
  const { config } = resolution;
  const before = new Set(keysOf(enabledEntries(slot.config)));
  const registered = registry.lives.filter(({ key }) => !before.has(key));
  const taken = new Set(keysOf(registered));
  const isKept = (life: EntryLife | undefined, entry: EnabledEntry): life is EntryLife =>
    life !== undefined && !taken.has(life.key) && isSameEntry(life.host.entry, slot.config, entry, config);

  const problems = [...resolution.problems];
  const next = enabledEntries(config).map((entry) => {
    const life = registry.life(entry.key);
    if (isKept(life, entry)) return life;
    const born = registry.prepare(entry, config);
    const errors = taken.has(entry.key) ? [duplicate(entry)] : born.host.problems;
    problems.push(...problemsOf(entry, errors, born.host, resolution));
    return born;
  });
  const kept = next.filter((life) => registry.lives.includes(life));
  const born = next.filter((life) => !kept.includes(life));
  const gone = registry.lives.filter((life) => !registered.includes(life) && !kept.includes(life));
  return { kept, born, gone, registered, next, problems };
}

/** Closes what is gone, each in its own time, and starts what is born as soon as nothing is in its way. */
async function succeed(
  { registry }: Wired,
  gone: readonly EntryLife[],
  born: readonly EntryLife[],
  deadlineMs: number,
): Promise<void> {
  const closed = new Map(gone.map((life) => [life, registry.close(life, deadlineMs)]));
  const started = born.map(async (life) => {
    await Promise.all(gone.filter((other) => mayHold(other, life)).map((other) => closed.get(other)));
    life.start();
  });
  await Promise.all([...closed.values(), ...started]);
}

/** An entry may hold what another one is about to open, as a file: one of the same key, or of the same plugin. */
function mayHold(gone: EntryLife, born: EntryLife): boolean {
  return gone.key === born.key || gone.host.entry.plugin.name === born.host.entry.plugin.name;
}

function keysOf(entries: readonly { key: string }[]): string[] {
  return entries.map(({ key }) => key);
}
