import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ConfigLayer,
  type CreateObsContext,
  createObs,
  definePlugin,
  type IngestResult,
  type Observability,
  type ObservabilityEvent,
  type PluginHost,
  SIGNALS,
} from '../../core/index.ts';

/** What a test says about its instance; all of a config is allowed, and the clock, ids and chance. */
export interface TestObsOptions extends Omit<CreateObsContext, 'config' | 'cwd' | 'env' | 'surroundings'> {
  config?: ConfigLayer;
  /** The plugins by key, as in a config. */
  plugins?: ConfigLayer['plugins'];
}

/** An instance for a test, in a directory of its own. */
export interface TestObs {
  readonly obs: Observability;
  /** The directory of its project, where all its files go; removed by {@link stop}. */
  readonly directory: string;
  /** The lines that would have gone to stderr. */
  readonly warnings: readonly string[];
  /** Hands events in as they are, to all plugins. */
  ingest(events: readonly ObservabilityEvent[]): Promise<IngestResult>;
  /** Shuts down within 2 s and removes the directory; safe to repeat. */
  stop(): Promise<void>;
}

/**
 * An instance that sees no config file, no variables and no terminal: only what the test says. All signals and log levels are
 * on, and signals of the process are left alone.
 * @throws ObsError `OBS_CONFIG_INVALID` with all mistakes.
 */
export async function createTestObs(options: TestObsOptions = {}): Promise<TestObs> {
  const { config, plugins, environment = 'test', ...context } = options;
  const directory = mkdtempSync(join(tmpdir(), 'obs-test-'));
  const warnings: string[] = [];
  let host: PluginHost | undefined;
  const source = definePlugin({
    name: 'test-source',
    apiVersion: 1,
    kind: 'source',
    signals: SIGNALS,
    apply: (given) => {
      host = given;
    },
  });
  const all: ConfigLayer = {
    handleSignals: false,
    signals: { logs: { level: 'debug' } },
    ...config,
    plugins: { ...plugins, 'test-source': source() },
  };
  const warn = (line: string) => void warnings.push(line);
  const surroundings = { cwd: directory, env: {}, config: {}, environment };
  const obs = await createObs(all, { warn, ...context, ...surroundings });
  return {
    obs,
    directory,
    warnings,
    ingest: (events) => host!.ingest(events),
    async stop() {
      await obs.shutdown({ deadlineMs: 2_000 });
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
