import {
  type ConfigProblem,
  describePlugins,
  type PluginListing,
  type Resolution,
  SIGNALS,
  type Signal,
  type SignalListing,
} from '../../core/index.ts';
import { type LeftBehind, leftBehind } from './left-behind.ts';
import type { Probed, ProbeResults } from './probe.ts';

/** What is known of one signal at one entry. */
export interface SignalReport {
  state: 'on' | 'off';
  /** Why it is off, or arrives in part only. */
  why?: string;
  probe?: Probed;
}

/** Why something of one entry does not arrive. */
export interface PluginReport extends LeftBehind {
  key: string;
  plugin: string | undefined;
  pluginKind: PluginListing['kind'];
  state: 'on' | 'off' | 'broken';
  /** Why the whole entry is off. */
  why?: string;
  signals: Partial<Record<Signal, SignalReport>>;
  /** Mistakes in the config of the entry. */
  problems: ConfigProblem[];
}

/** What the doctor finds in a config, and what belongs to no entry of it. */
export interface PluginReports {
  plugins: PluginReport[];
  problems: ConfigProblem[];
}

/** Describes the entries of a config as they would run, and those that cannot. */
export function examine(resolution: Resolution): { listings: PluginListing[]; problems: ConfigProblem[] } {
  const { problems } = resolution;
  try {
    return { listings: describePlugins({ ...resolution, problems: [] }), problems };
  } catch (error) {
    const { problems: applied } = error as { problems?: readonly ConfigProblem[] };
    if (!applied) throw error;
    return { listings: [], problems: [...problems, ...applied] };
  }
}

/** Puts together what is known of each entry. */
export async function reportPlugins(
  resolution: Resolution,
  { listings, problems }: ReturnType<typeof examine>,
  probes: ProbeResults | undefined,
): Promise<PluginReports> {
  const { dataDir } = resolution.config;
  const broken = new Set(problems.flatMap((problem) => entryOf(problem) ?? []));
  const left = [...broken].filter((key) => !listings.some((listing) => listing.key === key));
  const reports = [
    ...listings.map((listing) => reportOf(listing, resolution, probes?.get(listing.key))),
    ...left.map((key): Omit<PluginReport, 'problems'> => ({ ...NOTHING_KNOWN, key })),
  ];
  const plugins = reports.map(async (report) => ({
    ...report,
    problems: problems.filter((problem) => entryOf(problem) === report.key),
    ...(await leftBehind(dataDir, report.key)),
  }));
  return {
    plugins: await Promise.all(plugins),
    problems: problems.filter((one) => entryOf(one) === undefined),
  };
}

const NOTHING_KNOWN = { plugin: undefined, pluginKind: undefined, state: 'broken', signals: {} } as const;

/** The entry that a problem is about, whatever overlay it is in. */
function entryOf({ path }: ConfigProblem): string | undefined {
  return /(?:^|\.)plugins\.([^.]+)/.exec(path)?.[1];
}

function reportOf(
  { key, name, kind, enabled, offBy, signals }: PluginListing,
  resolution: Resolution,
  probes: Partial<Record<Signal, Probed>> = {},
): Omit<PluginReport, 'problems'> {
  const own: PluginReport['signals'] = {};
  const entry = resolution.config.plugins.find((one) => one.key === key);
  const declared = entry?.enabled ? entry.plugin.signals : [];
  for (const signal of SIGNALS) {
    const listed = signals[signal];
    if (!listed || !(listed.supported || declared.includes(signal))) continue;
    own[signal] = {
      ...signalOf(signal, key, listed, resolution),
      ...(probes[signal] && { probe: probes[signal] }),
    };
  }
  const why = enabled ? undefined : `switched off by ${offBy}`;
  return {
    key,
    plugin: name,
    pluginKind: kind,
    state: enabled ? 'on' : 'off',
    ...(why && { why }),
    signals: own,
  };
}

function signalOf(
  signal: Signal,
  key: string,
  { supported, active, why }: SignalListing,
  { config, origins }: Resolution,
): SignalReport {
  const by = (...keys: string[]) => {
    const origin = keys.map((one) => origins.get(one)?.at(-1)).find((found) => found !== undefined);
    return origin && origin.layer !== 'default' ? ` (${origin.source})` : '';
  };
  if (!supported) return { state: 'off', why: 'the plugin does not take it with these options' };
  if (active)
    return { state: 'on', ...partly(signal, config.signals.tracing.sample, by('signals.tracing.sample')) };
  if (config.disabled) return { state: 'off', why: `observability is disabled${by('disabled')}` };
  if (!config.signals[signal].enabled)
    return { state: 'off', why: `${why}${by(`signals.${signal}.enabled`, `signals.${signal}`)}` };
  return { state: 'off', why: `${why}${by(`plugins.${key}.signals`)}` };
}

function partly(signal: Signal, sample: number, by: string): { why?: string } {
  return signal === 'tracing' && sample < 1 ? { why: `${sample * 100} % of the traces are kept${by}` } : {};
}
