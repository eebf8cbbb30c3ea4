import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ConfigLayer,
  createObs,
  type Diagnostics,
  definePlugin,
  ERROR_HINTS,
  type ErrorCode,
  ObsError,
  type ObservabilityEvent,
  type PluginHost,
  type ResolvedEntry,
  resolveConfig,
  SIGNALS,
} from '../core/index.ts';

/** A running host that takes events made elsewhere. */
export interface Intake {
  /** Hands events in; waits while queues are full. Gives how many a plugin took. */
  ingest(events: readonly ObservabilityEvent[]): Promise<number>;
  /** Waits until everything is delivered or dropped, closes the host, and gives what became of it. */
  finish(): Promise<Diagnostics>;
}

const FLUSH_MS = 10 * 60_000;
const CLOSE_MS = 60_000;
const START_MS = 60_000;
const POLL_MS = 10;

/**
 * Starts the host of the config with a source of ours beside its stores, its processors, and the entries named.
 * Exporters that are not named stay off, so that an import sends nothing out by accident.
 * @throws ObsError `OBS_CLI_USAGE` for an unknown entry, `OBS_NO_STORE`, or what a target says when it cannot start.
 */
export async function openIntake(named: readonly string[]): Promise<Intake> {
  const { config } = await resolveConfig();
  const targets = targetsOf(config.plugins, named);
  let host: PluginHost | undefined;
  const source = definePlugin({
    name: 'import',
    apiVersion: 1,
    kind: 'source',
    signals: [...SIGNALS],
    apply: (given) => {
      host = given;
    },
  });
  const key = freeKey(config.plugins);
  const obs = await createObs({ plugins: { ...switches(config.plugins, targets), [key]: source } });
  try {
    await started(targets, () => obs.diagnostics());
  } catch (error) {
    await obs.shutdown({ deadlineMs: CLOSE_MS });
    throw error;
  }
  return {
    ingest: (events) => heldOpen(async () => (await host!.ingest(events)).accepted),
    finish: async () => {
      await obs.flush({ deadlineMs: FLUSH_MS });
      await obs.shutdown({ deadlineMs: CLOSE_MS });
      const { [key]: _, ...plugins } = obs.diagnostics().plugins;
      return { ...obs.diagnostics(), plugins };
    },
  };
}

/** The host's own timers never keep a process alive, but this one has nothing else to do than to wait for room. */
async function heldOpen<R>(work: () => Promise<R>): Promise<R> {
  const hold = setInterval(() => {}, 60_000);
  try {
    return await work();
  } finally {
    clearInterval(hold);
  }
}

/** The stores that are on, and the entries that were named. */
function targetsOf(entries: readonly ResolvedEntry[], named: readonly string[]): string[] {
  const keys = entries.map((entry) => entry.key);
  const unknown = named.find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    throw new ObsError(
      'OBS_CLI_USAGE',
      `--to: the config has no plugin entry "${unknown}"; entries: ${keys.join(', ')}`,
    );
  }
  const targets = entries.filter((entry) => named.includes(entry.key) || kindOf(entry) === 'store');
  if (targets.length === 0) throw new ObsError('OBS_NO_STORE', 'the config has no store that is switched on');
  return targets.map((entry) => entry.key);
}

function kindOf(entry: ResolvedEntry): string | undefined {
  return entry.enabled ? entry.plugin.kind : undefined;
}

/** Targets on, everything else off except processors: they may be there to hide secrets. */
function switches(
  entries: readonly ResolvedEntry[],
  targets: readonly string[],
): ConfigLayer['plugins'] & object {
  const changed = entries.filter((entry) => targets.includes(entry.key) || kindOf(entry) !== 'processor');
  return Object.fromEntries(changed.map(({ key }) => [key, { enabled: targets.includes(key) }]));
}

function freeKey(entries: readonly ResolvedEntry[]): string {
  const keys = new Set(entries.map((entry) => entry.key));
  let key = 'import';
  while (keys.has(key)) key += '_';
  return key;
}

/** Waits until every target has started: what cannot start would hold the import up for ever. */
async function started(targets: readonly string[], look: () => Diagnostics): Promise<void> {
  for (let waited = 0; waited < START_MS; waited += POLL_MS) {
    const { plugins } = look();
    const failed = targets.find((key) => plugins[key]?.state === 'degraded');
    if (failed !== undefined)
      throw startError(failed, plugins[failed]?.lastError?.message ?? 'no reason given');
    if (targets.every((key) => plugins[key]?.state === 'running')) return;
    await sleep(POLL_MS);
  }
  throw new ObsError('OBS_DEADLINE', `not every one of ${targets.join(', ')} started within ${START_MS} ms`);
}

/** The error that a plugin failed to start with, which diagnostics keep as text. */
function startError(key: string, message: string): Error {
  const [, code, what] = /^(OBS_[A-Z_]+): (.*)$/s.exec(message) ?? [];
  if (code === undefined || !(code in ERROR_HINTS))
    return new Error(`plugin "${key}" cannot start: ${message}`);
  return new ObsError(code as ErrorCode, `${what}`);
}
