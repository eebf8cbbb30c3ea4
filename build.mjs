// Makes the JavaScript of the package: `node build.mjs [directory]`, default `dist`. One file for each entry and shared
// chunks, since loading a hundred small modules takes a process longer than running them.
import { readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = import.meta.dirname;
const plugins = readdirSync(join(root, 'plugins')).map((name) => `plugins/${name}/index.ts`);
const outdir = resolve(process.argv[2] ?? 'dist');
rmSync(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: [
    'core/index.ts',
    ...plugins,
    'plugins/duckdb/worker.ts',
    'cli/index.ts',
    'core/config/typescript-hooks.ts',
  ],
  outbase: '.',
  outdir,
  // core/config looks for its module hooks beside itself, so the chunks lie where it lay.
  chunkNames: join('core', 'config', '[name]-[hash]'),
  bundle: true,
  splitting: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
});
