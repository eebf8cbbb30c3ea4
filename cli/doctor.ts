import { type Resolution, resolveConfig } from '../core/index.ts';
import { pluginTable, pluginTroubles } from './doctor/plugin-lines.ts';
import { examine, type PluginReport, type PluginReports, reportPlugins } from './doctor/plugin-report.ts';
import { probe } from './doctor/probe.ts';
import { storeLines, verdictLines } from './doctor/store-lines.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { problemLines } from './problems.ts';
import { createProgress } from './render/progress.ts';
import { createStyle } from './render/style.ts';
import { withStore } from './stores.ts';
import { createTerminal, type Terminal } from './terminal.ts';

/** The options of `obs doctor`. */
export interface DoctorOptions {
  store?: string;
  env?: string;
  probe?: boolean;
  json?: boolean;
}

/**
 * Explains for each plugin what does not arrive and why, then shows how the store is. Offline, unless it is asked to
 * send a marked event through each exporter. With `store` only that store.
 */
export async function doctor({ store, env, probe: isProbing, json }: DoctorOptions): Promise<ExitCode> {
  const terminal = createTerminal(json);
  if (store !== undefined) return examineStore(store, terminal);
  const exitCode = await examineAll(env, isProbing ?? false, terminal);
  if (isProbing) endSoon();
  return exitCode;
}

/** A destination that never answers holds its connection open, which would hold this process for seconds. */
function endSoon(): void {
  setTimeout(() => process.exit(), 300).unref();
}

async function examineAll(
  env: string | undefined,
  isProbing: boolean,
  terminal: Terminal,
): Promise<ExitCode> {
  const resolution = await resolveConfig(env === undefined ? {} : { environment: env });
  const found = examine(resolution);
  const probes = isProbing ? await probe(found.listings, resolution.config.environment) : undefined;
  const reports = await reportPlugins(resolution, found, probes);
  show(reports, resolution, terminal, isProbing);
  if (found.problems.length > 0) return EXIT.config;
  const hasStore = found.listings.some(({ enabled, kind }) => enabled && kind === 'store');
  // Another environment may have another store; its files are not looked at from here.
  const ofStore = hasStore && env === undefined ? await examineStore(undefined, terminal) : EXIT.ok;
  return ofStore === EXIT.ok && hasTrouble(reports) ? EXIT.problem : ofStore;
}

function show(
  { plugins, problems }: PluginReports,
  { config }: Resolution,
  terminal: Terminal,
  isProbing: boolean,
): void {
  const { environment, disabled } = config;
  if (terminal.isJson) {
    for (const report of plugins) terminal.json({ kind: 'plugin', environment, ...report });
    for (const problem of problems) terminal.json({ kind: 'problem', environment, ...problem });
    return;
  }
  const style = createStyle(terminal.color);
  if (plugins.length > 0) terminal.print(pluginTable(plugins, terminal.width, style).join('\n'));
  else
    terminal.print(
      disabled ? 'Observability is disabled: nothing is emitted.' : 'The config has no plugins.',
    );
  const troubles = [
    ...pluginTroubles(plugins, style),
    ...problems.flatMap((one) => problemLines(one, style)),
  ];
  for (const line of troubles) terminal.prose(line);
  if (!isProbing && plugins.some(isTried)) terminal.say(OFFLINE);
  terminal.say(RUNNING);
}

const OFFLINE = 'Whether exporters get through was not tried; --probe sends a marked event.';
const RUNNING = 'Queues and circuits are known to the application alone: obs.diagnostics().';

const isTried = ({ state, pluginKind }: PluginReport): boolean => state === 'on' && pluginKind === 'exporter';

function hasTrouble({ plugins }: PluginReports): boolean {
  return plugins.some(
    ({ signals, deadLetters }) =>
      deadLetters !== undefined ||
      Object.values(signals).some(({ probe: probed }) => probed?.outcome === 'failed'),
  );
}

async function examineStore(key: string | undefined, terminal: Terminal): Promise<ExitCode> {
  return withStore(key, async (store) => {
    const progress = createProgress('looking');
    const report = await store.inspect({ onProgress: progress.at }).finally(progress.end);
    if (terminal.isJson) terminal.json({ kind: 'store', ...report });
    else {
      const style = createStyle(terminal.color);
      if (key === undefined) terminal.print('');
      terminal.print(storeLines(report, terminal.width, style).join('\n'));
      terminal.prose(verdictLines(report, style).join('\n'));
    }
    return report.problems.length > 0 ? EXIT.problem : EXIT.ok;
  });
}
