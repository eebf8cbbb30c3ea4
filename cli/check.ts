import { relative } from 'node:path';
import {
  type ConfigProblem,
  describePlugins,
  type PluginListing,
  printable,
  type Resolution,
  resolveConfig,
  SIGNALS,
} from '../core/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { problemLines } from './problems.ts';
import { counted } from './render/amounts.ts';
import { createStyle } from './render/style.ts';
import { createTerminal, type Terminal } from './terminal.ts';

/** The options of `obs check`. */
export interface CheckOptions {
  env?: string;
  all?: boolean;
  json?: boolean;
}

/** Resolves the config for one environment, or for all that it names, and says what is wrong or would be active. */
export async function check({ env, all, json }: CheckOptions): Promise<ExitCode> {
  const terminal = createTerminal(json);
  const first = await resolveConfig(env === undefined ? {} : { environment: env });
  const others = all ? first.environments.filter((name) => name !== first.config.environment) : [];
  let problemCount = report(first, terminal);
  for (const environment of others) problemCount += report(await resolveConfig({ environment }), terminal);
  if (problemCount > 0) terminal.say(`${counted(problemCount, 'problem')} found`);
  return problemCount > 0 ? EXIT.config : EXIT.ok;
}

/** Prints what is to be said about one environment and gives the number of problems. */
function report(resolution: Resolution, terminal: Terminal): number {
  const { environment, file: path } = resolution.config;
  const file = path === undefined ? 'no config file' : relative(process.cwd(), path);
  const { problems, plugins } = describe(resolution);
  const isOk = problems.length === 0;
  if (terminal.isJson) {
    for (const problem of problems) terminal.json({ kind: 'problem', environment, ...problem });
    terminal.json({ kind: 'environment', environment, file, isOk, active: activeOf(plugins) });
    return problems.length;
  }
  const style = createStyle(terminal.color);
  const verdict = isOk ? style.green('ok') : style.red('not ok');
  const facts = [environment, file, ...(isOk ? [activeText(plugins)] : [])].map((fact) => printable(fact));
  terminal.prose([verdict, ...facts].join('  '));
  for (const line of problems.flatMap((problem) => problemLines(problem, style))) terminal.prose(line);
  return problems.length;
}

/** The plugins as they would run; what applying them finds wrong counts as problems too. */
function describe(resolution: Resolution): { problems: readonly ConfigProblem[]; plugins: PluginListing[] } {
  try {
    return { problems: [], plugins: describePlugins(resolution) };
  } catch (error) {
    const { problems } = error as { problems?: readonly ConfigProblem[] };
    if (!problems) throw error;
    return { problems, plugins: [] };
  }
}

function activeOf(plugins: readonly PluginListing[]): Record<string, string[]> {
  const active = plugins.map(
    ({ key, signals }) => [key, SIGNALS.filter((signal) => signals[signal]?.active)] as const,
  );
  return Object.fromEntries(active.filter(([, signals]) => signals.length > 0));
}

function activeText(plugins: readonly PluginListing[]): string {
  const active = Object.entries(activeOf(plugins));
  if (active.length === 0) return 'nothing is active';
  return active
    .map(
      ([key, signals]) => `${key}: ${signals.length === SIGNALS.length ? 'all signals' : signals.join(', ')}`,
    )
    .join('; ');
}
