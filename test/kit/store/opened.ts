import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ObservabilityEvent,
  type ObservabilityStorage,
  type PluginUse,
  SIGNALS,
  type Signal,
  type StorageStrategy,
  signalOf,
} from '../../../core/index.ts';
import { createTestObs, type TestObs } from '../test-obs.ts';
import type { StoreSubject } from './subject.ts';

const KEY = 'subject';

/** The strategies of an entry. */
export type Strategies = Partial<Record<Signal, StorageStrategy>>;

/** A store under test behind a host, so that it is written to as by an application. */
export interface Opened {
  store: ObservabilityStorage;
  /** Hands events to the store and waits until it has them. @throws when it did not take all of them. */
  write(events: readonly ObservabilityEvent[]): Promise<void>;
  close(): Promise<void>;
}

/** Opens the store of a plugin. */
export async function open(use: PluginUse, strategy: Strategies = {}): Promise<Opened> {
  const delivery = { maxDelayMs: 1, retry: { initialDelayMs: 1, maxDelayMs: 5, maxElapsedMs: 100 } };
  const plugins = { [KEY]: { use, strategy, delivery } };
  const test = await createTestObs({ plugins, config: { redact: false, deadLetters: false } });
  const store = test.obs.stores.get(KEY);
  if (!store) await test.stop();
  assert.ok(store, 'the plugin registers no store');
  return { store, write: (events) => write(test, events), close: () => test.stop() };
}

async function write({ ingest, obs }: TestObs, events: readonly ObservabilityEvent[]): Promise<void> {
  await ingest(events);
  const { isComplete } = await obs.flush({ deadlineMs: 15_000 });
  const { signals, lastError } = obs.diagnostics().plugins[KEY]!;
  assert.equal(isComplete, true, `not everything was written: ${lastError?.message}`);
  for (const signal of SIGNALS) {
    if (!events.some((event) => signalOf(event) === signal)) continue;
    assert.deepEqual(signals[signal]?.dropped, {}, `${signal} were refused: ${lastError?.message}`);
  }
}

/** The same for the time of one check. */
export async function whileOpen(use: PluginUse, check: (opened: Opened) => Promise<void>): Promise<void> {
  const opened = await open(use);
  try {
    await check(opened);
  } finally {
    await opened.close();
  }
}

/** The same in a directory of its own. */
export async function withStore(
  subject: StoreSubject,
  check: (opened: Opened) => Promise<void>,
): Promise<void> {
  await inDirectory((directory) => whileOpen(subject.use(directory), check));
}

/** A directory for one check. */
export async function inDirectory(check: (directory: string) => Promise<void>): Promise<void> {
  const directory = makeDirectory();
  try {
    await check(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A new directory. */
export function makeDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'obs-store-'));
}
