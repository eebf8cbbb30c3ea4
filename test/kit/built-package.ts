import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

let built: Promise<string> | undefined;

/** Builds the package as it is installed, once for all tests; a built command starts much faster than its sources. */
export function buildPackage(): Promise<string> {
  built ??= build();
  return built;
}

async function build(): Promise<string> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'obs-built-')));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  await promisify(execFile)(process.execPath, [join(ROOT, 'build.mjs'), join(dir, 'dist')]);
  cpSync(join(ROOT, 'package.json'), join(dir, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(dir, 'node_modules'), 'junction');
  return dir;
}
