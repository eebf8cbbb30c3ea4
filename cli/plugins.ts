import {
  describePlugins,
  type PluginListing,
  printable,
  resolveConfig,
  SIGNALS,
  type Signal,
} from '../core/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { createStyle, type Style } from './render/style.ts';
import { type Cell, type Column, renderTable } from './render/table.ts';
import { createTerminal } from './terminal.ts';

/** The options of `obs plugins`. */
export interface PluginsOptions {
  env?: string;
  json?: boolean;
}

/** Lists the entries of the config: which signals each takes, with which strategy and why, and why one is off. */
export async function plugins({ env, json }: PluginsOptions): Promise<ExitCode> {
  const terminal = createTerminal(json);
  const listings = describePlugins(await resolveConfig(env === undefined ? {} : { environment: env }));
  if (terminal.isJson) for (const listing of listings) terminal.json(listing);
  else if (listings.length === 0) terminal.say('The config has no plugins.');
  else terminal.print(renderListings(listings, terminal.width, createStyle(terminal.color)).join('\n'));
  return EXIT.ok;
}

const COLUMNS: readonly Column[] = [
  { title: 'entry' },
  { title: 'plugin' },
  { title: 'kind' },
  ...SIGNALS.map((signal) => ({ title: signal })),
];

function renderListings(listings: readonly PluginListing[], width: number, style: Style): string[] {
  const rows = listings.map((listing) => [
    listing.key,
    listing.name ?? '',
    listing.kind ?? '',
    ...SIGNALS.map((signal) => signalCell(listing, signal, style)),
  ]);
  const reasons = listings
    .map((listing) => [listing.key, whyOf(listing)] as const)
    .filter(([, why]) => why !== '');
  const lines = reasons.map(([key, why]) => printable(`${key}: ${why}`));
  return [...renderTable(COLUMNS, rows, width, style), ...(lines.length > 0 ? ['', ...lines] : [])];
}

function signalCell({ enabled, signals }: PluginListing, signal: Signal, style: Style): Cell {
  const listed = signals[signal];
  if (!enabled || !listed?.supported) return { text: '-', paint: style.dim };
  if (!listed.active) return { text: 'off', paint: style.yellow };
  return { text: listed.strategy?.chosen ?? 'on', paint: style.green };
}

/** Who switched an entry or a signal off, and who chose the strategies; reasons that are the same are said once. */
function whyOf({ enabled, offBy, signals }: PluginListing): string {
  if (!enabled) return `off by ${offBy}`;
  const reasons = new Map<string, Signal[]>();
  for (const signal of SIGNALS) {
    const { why, strategy } = signals[signal] ?? {};
    const reason = why ?? (strategy && `strategy ${strategy.why}`);
    if (reason !== undefined) reasons.set(reason, [...(reasons.get(reason) ?? []), signal]);
  }
  if (reasons.size === 1) return [...reasons.keys()][0]!;
  return [...reasons].map(([reason, of]) => `${of.join(', ')}: ${reason}`).join('; ');
}
