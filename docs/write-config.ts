/** Writes docs/config.md from the schemas: `npm run docs:config`. A test says when it is to be done. */
import { writeFileSync } from 'node:fs';
import { builtInPlugins, configJsonSchema, type JsonSchema } from 'obs-kit';

const HEAD = `# Config

Written from the schemas by \`npm run docs:config\`; change it there. \`npx obs schema\` prints the same for editors: in
a config that is JSON or YAML, \`"$schema": "node_modules/obs-kit/dist/config.schema.json"\` completes all of it, and
\`npx obs check\` says file, line and column of what is wrong.

In place of any value may stand a variable of the environment: \`env('X')\` and \`secret('X')\` in code,
\`"\${env:X}"\` and \`"\${secret:X}"\` in data. In a later layer \`null\` takes away what an earlier one said.

Layers, weakest first: defaults, the file, \`environments.<name>\` in it, the variables \`OTEL_RESOURCE_ATTRIBUTES\`,
\`OTEL_SERVICE_NAME\`, \`OBS_SIGNALS\`, \`OBS_TRACING\` ... \`OBS_FEEDBACK\`, \`OBS_LOG_LEVEL\`, \`OBS_SAMPLE_RATIO\`,
\`OBS_PLUGINS\`, and what is passed to \`createObs()\`. Objects merge by key, anything else replaces.
`;

interface Row {
  key: string;
  type: string;
  standard: string;
  text: string;
}

/** The page as it should be. */
export async function configPage(): Promise<string> {
  const plugins = await builtInPlugins();
  const schema = configJsonSchema(plugins);
  const { layer, ...defs } = schema['$defs'] as Record<string, JsonSchema>;
  const { plugins: entries, ...settings } = layer!.properties!;
  const entry = alternatives((entries as { additionalProperties: JsonSchema }).additionalProperties).find(
    ({ properties }) => properties,
  )!;
  const environments = schema.properties!['environments']!;
  const sections = [
    HEAD,
    `## The whole\n\n${table(rowsOf({ properties: settings }, ''))}`,
    `## An entry of \`plugins\`\n\n${entries!.description}. \n\nAn entry is a plugin with options, such as \`json({ ... })\`, a name, or an object with these keys:\n\n${table(rowsOf(entry, ''))}`,
    `## \`environments\`\n\n${environments.description}.\n`,
    '## Options of the built-in plugins\n\nThe README of each plugin says more.\n',
    ...plugins.map(({ name, description }) => {
      const rows = rowsOf(defs[name]!, '');
      return `### \`${name}\`\n\n${description}; see [its page](../plugins/${name}/README.md).\n\n${table(rows)}`;
    }),
  ];
  return sections.join('\n');
}

/** A row for each key, those of an object below its own. */
function rowsOf(schema: JsonSchema, prefix: string): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const key = `${prefix}${name}`;
    const kinds = alternatives(property);
    const group = kinds.find(({ properties }) => properties);
    const row = {
      key,
      type: typeOf(kinds),
      ...saidOf(property),
    };
    if (group) return [row, ...rowsOf(group, `${key}.`)];
    const map = kinds.find(({ additionalProperties }) => typeof additionalProperties === 'object');
    const below = map
      ? alternatives(map.additionalProperties as JsonSchema).find(({ properties }) => properties)
      : undefined;
    const list = kinds.find(({ items }) => items);
    const item =
      list && key !== 'processors'
        ? alternatives(list.items!).find(({ properties }) => properties)
        : undefined;
    return [row, ...(below ? rowsOf(below, `${key}.*.`) : []), ...(item ? rowsOf(item, `${key}[].`) : [])];
  });
}

/** The forms of a value, without the reference that any may be. */
function alternatives(schema: JsonSchema): JsonSchema[] {
  if (!schema.anyOf) return '$ref' in schema ? [] : [schema];
  return schema.anyOf.flatMap(alternatives);
}

function typeOf(kinds: readonly JsonSchema[]): string {
  const texts = kinds.map(({ type, items, ...kind }) => {
    if (Array.isArray(kind['enum'])) return kind['enum'].map((value) => `\`${value}\``).join(', ');
    if (items) return `list of ${typeOf(alternatives(items)) || 'any'}`;
    if (kind['format'] === 'uri') return 'URL';
    if (type === 'string' && kind['writeOnly'] === true) return 'secret';
    return typeof type === 'string' ? type : 'any';
  });
  const known = [...new Set(texts)].filter((text) => text !== 'null');
  return known.join(' or ');
}

/** The description and the default; where the schema has none, the description may say it. */
function saidOf({ default: standard, description = '' }: JsonSchema): Pick<Row, 'standard' | 'text'> {
  if (standard === undefined) {
    const [, text = description, words = ''] = /^(.*?)[.;] [Dd]efault:? (.*)$/.exec(description) ?? [];
    return { standard: words, text };
  }
  const isEmpty = typeof standard === 'object' && standard !== null && Object.keys(standard).length === 0;
  return { standard: isEmpty ? 'none' : `\`${JSON.stringify(standard)}\``, text: description };
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ key, type, standard, text }) => `| \`${key}\` | ${cell(type)} | ${cell(standard)} | ${cell(text)} |`,
  );
  return ['| key | type | default | what it says |', '| --- | --- | --- | --- |', ...lines, ''].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

if (process.argv[1] === import.meta.filename)
  writeFileSync(new URL('config.md', import.meta.url), await configPage());
