// The benchmarks have dependencies of their own, which nobody else needs: they are installed on first use.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

if (!existsSync('../node_modules/typescript')) {
  console.error('bench: run `npm ci` first, the benchmarks build obs-kit.');
  process.exit(1);
}
if (!existsSync('node_modules/tinybench')) {
  console.error('bench: installing what the benchmarks need, once (npm ci in bench/) ...');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--silent'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error('bench: `npm --prefix bench ci` failed; the benchmarks need it.');
    process.exit(1);
  }
}
