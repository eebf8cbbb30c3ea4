import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { buildPackage } from '../../kit/built-package.ts';
import { REPOSITORY } from './project.ts';

/**
 * Installs this package in a project as it is published: as JavaScript, so that a process needs no loader for
 * TypeScript to run it, and with no packages beside it but those that are named.
 */
export async function installBuiltPackage(project: string, dependencies: readonly string[]): Promise<void> {
  const modules = join(project, 'node_modules');
  const target = join(modules, 'obs-kit');
  const built = await buildPackage();
  mkdirSync(target, { recursive: true });
  cpSync(join(built, 'dist'), join(target, 'dist'), { recursive: true });
  cpSync(join(built, 'package.json'), join(target, 'package.json'));
  for (const name of dependencies) symlinkSync(join(REPOSITORY, 'node_modules', name), join(modules, name));
}
