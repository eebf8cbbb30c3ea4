import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BenchCase, Measures } from '../case.ts';

const CONFIG = pathOf('obs.config.mjs');

/** Whole processes, from start to exit: what the package, as it is published, adds to the start of an application. */
export default {
  title: 'whole processes: node with tapable and zod loaded, and createObs() with a JavaScript config',
  rounds: 15,
  compared: 'difference',
  subjects: {
    'node, tapable and zod': () => run('bare.mjs'),
    'obs-kit loaded': () => run('import.mjs'),
    'createObs(), OBS_CONFIG_FILE': () => run('create.mjs', { OBS_CONFIG_FILE: CONFIG }),
    'createObs(), OBS_DISABLED': () => run('create.mjs', { OBS_DISABLED: 'true' }),
  },
} satisfies BenchCase;

async function run(script: string, env: Record<string, string> = {}): Promise<Measures> {
  const startedAt = performance.now();
  execFileSync(process.execPath, [pathOf(script)], { env: { ...process.env, ...env }, stdio: 'ignore' });
  return { ms: performance.now() - startedAt };
}

function pathOf(script: string): string {
  return fileURLToPath(new URL(`../../../cold-start/${script}`, import.meta.url));
}
