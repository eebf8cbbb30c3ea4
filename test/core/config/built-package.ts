import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { REPOSITORY } from './project.ts';

/**
 * Installs the core of this package in a project as it is published: as JavaScript, so that a process needs no loader
 * for TypeScript to run it.
 */
export function installBuiltPackage(project: string, dependencies: readonly string[]): void {
  const modules = join(project, 'node_modules');
  const target = join(modules, 'obs-kit');
  for (const name of readdirSync(join(REPOSITORY, 'core'), { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.ts')) build(join('core', name), target);
  cpSync(join(REPOSITORY, 'package.json'), join(target, 'package.json'));
  for (const name of dependencies) symlinkSync(join(REPOSITORY, 'node_modules', name), join(modules, name));
}

function build(name: string, target: string): void {
  const { outputText } = ts.transpileModule(readFileSync(join(REPOSITORY, name), 'utf8'), {
    fileName: name,
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
      rewriteRelativeImportExtensions: true,
      verbatimModuleSyntax: true,
    },
  });
  const file = join(target, 'dist', name.replace(/\.ts$/, '.js'));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, outputText);
}
