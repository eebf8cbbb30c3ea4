// Makes the JavaScript of the package: `node build.mjs [directory]`, default `dist`. One file for each entry and shared
// chunks, since loading a hundred small modules takes a process longer than running them.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = import.meta.dirname;
const plugins = readdirSync(join(root, 'plugins')).map((name) => `plugins/${name}/index.ts`);
const outdir = resolve(process.argv[2] ?? 'dist');
const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
rmSync(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: [
    'core/index.ts',
    ...plugins,
    'plugins/duckdb/worker.ts',
    'cli/index.ts',
    'test/kit/index.ts',
    'core/config/typescript-hooks.ts',
    'core/config/fresh-hooks.ts',
  ],
  outbase: '.',
  outdir,
  // core/config looks for its module hooks beside itself, so the chunks lie where it lay.
  chunkNames: join('core', 'config', '[name]-[hash]'),
  bundle: true,
  splitting: true,
  // What is installed with the package stays outside; the OTLP serializers do not: see docs/decisions/013.
  // Nothing that is bundled uses these resources; left inside, they would leave files that nobody loads.
  external: [
    ...Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }),
    '@opentelemetry/resources',
  ],
  mainFields: ['module', 'main'],
  // Sources name the files that Node runs; bundled are their ES modules, the same that the package itself uses.
  alias: { '@opentelemetry/otlp-transformer/build/src': '@opentelemetry/otlp-transformer/build/esm' },
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // Less to read at each start. Names stay, and lines short, for stack traces; a failure shows the line it comes from.
  minifyWhitespace: true,
  lineLimit: 200,
  sourcemap: true,
});
// What is bundled is under the licence of this package; its authors are named, as that asks.
const transformer = join(root, 'node_modules/@opentelemetry/otlp-transformer');
const { version } = JSON.parse(readFileSync(join(transformer, 'package.json'), 'utf8'));
const re2js = join(root, 'node_modules/re2js');
writeFileSync(
  join(outdir, 'plugins/redact/THIRD-PARTY.txt'),
  `The search of patterns is bundled from re2js ${JSON.parse(readFileSync(join(re2js, 'package.json'), 'utf8')).version}.

${readFileSync(join(re2js, 'LICENSE'), 'utf8')}`,
);
writeFileSync(
  join(outdir, 'plugins/otel/THIRD-PARTY.txt'),
  `The OTLP serializers are bundled from @opentelemetry/otlp-transformer ${version} and the packages of
OpenTelemetry JS that it uses. Copyright The OpenTelemetry Authors.

${readFileSync(join(transformer, 'LICENSE'), 'utf8')}`,
);
