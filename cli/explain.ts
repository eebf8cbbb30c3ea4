import { didYouMean, ObsError, type Origin, printable, resolveConfig } from '../core/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { reportFailure } from './failure.ts';
import { createStyle, type Style } from './render/style.ts';
import { fitTo, widthOf } from './render/width.ts';
import { createTerminal, type Terminal } from './terminal.ts';

/** The options of `obs explain`. */
export interface ExplainOptions {
  env?: string;
  all?: boolean;
  json?: boolean;
}

/** Shows the value of one key or of several, every layer that spoke about it, and which one won. */
export async function explain({ env, all, json }: ExplainOptions, key?: string): Promise<ExitCode> {
  const terminal = createTerminal(json);
  const { config, origins, problems } = await resolveConfig(env === undefined ? {} : { environment: env });
  const keys = key === undefined ? notableKeys(origins, all) : matchingKeys(origins, key);
  if (keys.length === 0 && key !== undefined) {
    reportFailure(unknownKey(key, origins.keys()));
    return EXIT.notFound;
  }
  for (const one of keys) show(one, origins.get(one)!, config.environment, terminal);
  if (key === undefined && keys.length === 0) terminal.say('Everything is at its default; --all shows it.');
  if (problems.length > 0) terminal.say('The config has problems: `obs check` lists them.');
  return EXIT.ok;
}

function show(key: string, layers: readonly Origin[], environment: string, terminal: Terminal): void {
  const value = layers.at(-1)?.value ?? null;
  if (terminal.isJson) terminal.json({ key, value, environment, layers });
  else terminal.print(keyLines(key, layers, environment, createStyle(terminal.color)).join('\n'));
}

type Origins = ReadonlyMap<string, readonly Origin[]>;

function notableKeys(origins: Origins, all = false): string[] {
  const isNotable = (layers: readonly Origin[]) => all || layers.at(-1)?.layer !== 'default';
  return [...origins].filter(([, layers]) => isNotable(layers)).map(([key]) => key);
}

/** The key itself and those below it; else the keys that have it as a part, such as `logs` for `signals.logs.level`. */
function matchingKeys(origins: Origins, key: string): string[] {
  const keys = [...origins.keys()];
  const below = keys.filter((one) => one === key || one.startsWith(`${key}.`));
  return below.length > 0 ? below : keys.filter((one) => `.${one}.`.includes(`.${key}.`));
}

function unknownKey(key: string, known: Iterable<string>): ObsError {
  const parts = [...known].flatMap((one) =>
    one.split('.').map((_, index, all) => all.slice(0, index + 1).join('.')),
  );
  const words = parts.map((part) => part.split('.').at(-1)!);
  return new ObsError(
    'OBS_CONFIG_UNKNOWN_KEY',
    `the config has no key "${key}"${didYouMean(key, new Set([...parts, ...words]))}`,
    {
      hint: 'Run `obs explain --all` to see all keys.',
    },
  );
}

function keyLines(key: string, layers: readonly Origin[], environment: string, style: Style): string[] {
  const value = shown(layers.at(-1)?.value);
  const rows = layers.map(({ source, value: said, variable }) => ({
    source: printable(source),
    said: shown(said) + (variable === undefined ? '' : printable(`  from ${variable}`)),
  }));
  const columns = [
    Math.max(...rows.map(({ source }) => widthOf(source))),
    Math.max(...rows.map(({ said }) => widthOf(said))),
  ] as const;
  return [
    `${style.bold(printable(key))} = ${style.green(value)}  ${style.dim(`in environment "${printable(environment)}"`)}`,
    ...rows.map(({ source, said }, index) => {
      const wins = index === rows.length - 1 ? style.green('  <- wins') : '';
      return `  ${fitTo(source, columns[0])}  ${wins ? fitTo(said, columns[1]) + wins : said}`;
    }),
  ];
}

function shown(value: unknown): string {
  if (value === null) return 'removed';
  return printable(typeof value === 'string' ? value : (JSON.stringify(value) ?? 'unset'));
}
