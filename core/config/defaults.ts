import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { bySignal } from '../signals/index.ts';
import { DEFAULT_LIMITS } from '../snapshot/snapshot.ts';
import type { Tree } from './plain.ts';

/** The value of every setting that nobody spoke about. Entries and the name of the service have defaults of their own. */
export const DEFAULTS = {
  signals: {
    ...bySignal(() => ({ enabled: true })),
    tracing: { enabled: true, sample: 1 },
    metrics: { enabled: true, maxSeries: 2_000 },
    logs: { enabled: true, level: 'info' },
  },
  capture: { content: true },
  redact: { enabled: true, keys: [] },
  limits: { ...DEFAULT_LIMITS },
  dataDir: '.obs',
  deadLetters: true,
  shutdownTimeoutMs: 5_000,
  handleSignals: true,
  watch: false,
  selfMetrics: { enabled: false, intervalMs: 60_000 },
} as const satisfies Tree;

/** OpenTelemetry's name for a service that nobody named. */
export const UNKNOWN_SERVICE = 'unknown_service:node';

/** The directory that relative paths of a config start at: the project's, also for a file in `.config/`. */
export function projectDirectory(file: string): string {
  const directory = dirname(file);
  return basename(directory) === '.config' ? dirname(directory) : directory;
}

/** The name in the nearest package.json that has one, in a directory or above; undefined when there is none. */
export async function packageName(directory: string): Promise<string | undefined> {
  const name = await nameIn(join(directory, 'package.json'));
  const parent = dirname(directory);
  return name ?? (parent === directory ? undefined : packageName(parent));
}

async function nameIn(manifest: string): Promise<string | undefined> {
  try {
    const { name } = JSON.parse(await readFile(manifest, 'utf8'));
    return typeof name === 'string' && name !== '' ? name : undefined;
  } catch {
    // Absent, unreadable or broken: none of it says a name, and another may.
    return undefined;
  }
}
