import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAX_LINES = 250;

/** A source file and what it imports: paths from the root of the repository, or names of packages. */
interface Source {
  file: string;
  text: string;
  imports: string[];
}

function sourcesIn(folder: string): Source[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.m?ts$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => !file.includes('node_modules/'))
    .map(readSource);
}

function readSource(file: string): Source {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const imports = ts
    .preProcessFile(text)
    .importedFiles.map(({ fileName }) =>
      fileName.startsWith('.') ? posix.join(posix.dirname(file), fileName) : fileName,
    );
  return { file, text, imports };
}

const CORE = sourcesIn('core');
const PLUGINS = sourcesIn('plugins');
const CLI = sourcesIn('cli');
const EXAMPLES = sourcesIn('examples');
/** What `obs-kit/testing` consists of: its front door and all that it reaches. */
const KIT = reachedFrom('test/kit/index.ts', sourcesIn('test/kit'));
const PUBLISHED = [...CORE, ...PLUGINS, ...CLI, ...KIT];

function reachedFrom(file: string, sources: Source[], reached: Source[] = []): Source[] {
  const source = sources.find((one) => one.file === file);
  if (!source || reached.includes(source)) return reached;
  reached.push(source);
  for (const imported of source.imports) reachedFrom(imported, sources, reached);
  return reached;
}

/** Every import that a rule forbids, as `file -> import`. */
function forbidden(sources: Source[], isAllowed: (imported: string, source: Source) => boolean): string[] {
  return sources.flatMap((source) =>
    source.imports
      .filter((imported) => !isAllowed(imported, source))
      .map((imported) => `${source.file} -> ${imported}`),
  );
}

const isOurs = (imported: string) => /^(core|plugins|cli|test|examples|bench)\//.test(imported);
const isNode = (imported: string) => imported.startsWith('node:');
const packageOf = (imported: string) =>
  imported
    .split('/')
    .slice(0, imported.startsWith('@') ? 2 : 1)
    .join('/');

/** Only these import the package. */
function owners(name: string): string[] {
  return PUBLISHED.filter(({ imports }) => imports.some((imported) => packageOf(imported) === name)).map(
    ({ file }) => file,
  );
}

/** The ground that everything stands on. */
const isGround = (file: string) =>
  ['core/errors.ts', 'core/clock.ts', 'core/ids.ts'].includes(file) || file.startsWith('core/snapshot/');

describe('imports', () => {
  it('are found at all', () => {
    for (const sources of [CORE, PLUGINS, CLI, KIT])
      expect(sources.flatMap(({ imports }) => imports)).not.to.be.empty;
    expect(CORE.find(({ file }) => file === 'core/wire.ts')?.imports).to.include('core/bus/bus.ts');
  });

  it('of the ground (errors, clock, ids, snapshot) stay on the ground', () => {
    const ground = CORE.filter(({ file }) => isGround(file));
    expect(ground.map(({ file }) => file))
      .to.include('core/snapshot/snapshot.ts')
      .and.have.length.above(3);
    expect(forbidden(ground, (imported) => isNode(imported) || isGround(imported))).to.deep.equal([]);
  });

  it('of the signals are of the ground and of each other', () => {
    const signals = CORE.filter(({ file }) => file.startsWith('core/signals/'));
    const isAllowed = (imported: string) =>
      isNode(imported) || isGround(imported) || imported.startsWith('core/signals/');
    expect(forbidden(signals, isAllowed)).to.deep.equal([]);
  });

  it('of the HTTP client are of its own files, the errors and what a send can come to', () => {
    const http = CORE.filter(({ file }) => file.startsWith('core/http/'));
    expect(http).not.to.be.empty;
    const isAllowed = (imported: string) =>
      isNode(imported) ||
      imported.startsWith('core/http/') ||
      ['core/errors.ts', 'core/delivery/outcome.ts'].includes(imported);
    expect(forbidden(http, isAllowed)).to.deep.equal([]);
  });

  it('of core never leave core', () => {
    expect(forbidden(CORE, (imported) => !isOurs(imported) || imported.startsWith('core/'))).to.deep.equal(
      [],
    );
  });

  it('of obs.ts, which wires all of core, are in the front door and in what reuses its wiring', () => {
    const importers = PUBLISHED.filter(({ imports }) => imports.includes('core/obs.ts')).map(
      ({ file }) => file,
    );
    expect(importers).to.have.members(['core/index.ts', 'core/open-stores.ts']);
  });

  it('of the front door are in no file of core: it only re-exports', () => {
    expect(forbidden(CORE, (imported) => imported !== 'core/index.ts')).to.deep.equal([]);
    const index = CORE.find(({ file }) => file === 'core/index.ts');
    const statements = ts.createSourceFile('index.ts', index?.text ?? '', ts.ScriptTarget.Latest).statements;
    expect(statements.every(ts.isExportDeclaration)).to.equal(true);
  });

  it('of a plugin are its own files and the front door, never another plugin or a deep path; Langfuse takes OTLP from where it is made', () => {
    const isAllowed = (imported: string, { file }: Source) => {
      const own = file.split('/').slice(0, 2).join('/');
      if (own === 'plugins/langfuse' && imported === 'plugins/otel/encoder.ts') return true;
      return !isOurs(imported) || imported === 'core/index.ts' || imported.startsWith(`${own}/`);
    };
    expect(forbidden(PLUGINS, isAllowed)).to.deep.equal([]);
  });

  it('of the command line are its own files and the front door; exports take formats from plugins that write them', () => {
    const isFormat = (imported: string, { file }: Source) =>
      file.startsWith('cli/export/') && /^plugins\/[^/]+\/index\.ts$/.test(imported);
    const isAllowed = (imported: string, source: Source) =>
      !isOurs(imported) ||
      imported === 'core/index.ts' ||
      imported.startsWith('cli/') ||
      isFormat(imported, source);
    expect(forbidden(CLI, isAllowed)).to.deep.equal([]);
  });

  it('of the authoring kit are its own files, the front door and the plain reference of stores', () => {
    const isAllowed = (imported: string) =>
      !isOurs(imported) ||
      ['core/index.ts', 'plugins/memory/index.ts'].includes(imported) ||
      KIT.some(({ file }) => file === imported);
    expect(forbidden(KIT, isAllowed)).to.deep.equal([]);
  });

  it('of the examples are what users import', () => {
    const isAllowed = (imported: string) => !isOurs(imported) || imported.startsWith('examples/');
    expect(forbidden(EXAMPLES, isAllowed)).to.deep.equal([]);
  });

  it('of a package are in the hands of its one owner', () => {
    expect(owners('tapable')).to.deep.equal(['core/bus/hooks.ts']);
    expect(owners('cosmiconfig')).not.to.be.empty;
    expect(owners('cosmiconfig').filter((file) => !file.startsWith('core/config/'))).to.deep.equal([]);
    expect(owners('@duckdb/node-api')).not.to.be.empty;
    expect(owners('@duckdb/node-api').filter((file) => !file.startsWith('plugins/duckdb/'))).to.deep.equal(
      [],
    );
    expect(owners('@opentelemetry/otlp-transformer')).to.deep.equal([
      'plugins/otel/wire/fast-strings.ts',
      'plugins/otel/wire/serializers.ts',
    ]);
    expect(owners('commander').filter((file) => !file.startsWith('cli/'))).to.deep.equal([]);
  });

  it('of packages that are slow to load or optional happen when they are used', () => {
    const slow = ['cosmiconfig', '@duckdb/node-api', 'typescript', 'ts-node'];
    const early = PUBLISHED.flatMap(({ file, text }) =>
      loadedAtOnce(file, text)
        .filter((imported) => slow.includes(packageOf(imported)))
        .map((imported) => `${file} -> ${imported}`),
    );
    expect(early).to.deep.equal([]);
  });

  it('are of packages that package.json names', () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const { dependencies, optionalDependencies, peerDependencies } = manifest;
    const named = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
    named.push('@opentelemetry/otlp-transformer'); // bundled: see docs/decisions/013
    named.push('re2js'); // bundled: see docs/decisions/029
    named.push('typescript'); // only its types: the compiler itself is the one of the user's project
    const isAllowed = (imported: string) =>
      isOurs(imported) || isNode(imported) || named.includes(packageOf(imported));
    expect(forbidden(PUBLISHED, isAllowed)).to.deep.equal([]);
  });
});

describe('a published module', () => {
  it('has no top-level await, which would break require() of it', () => {
    expect(
      PUBLISHED.filter(({ file, text }) => hasTopLevelAwait(file, text)).map(({ file }) => file),
    ).to.deep.equal([]);
    expect(hasTopLevelAwait('a.ts', 'const x = async () => { await 1; };\nawait 2;')).to.equal(true);
    expect(hasTopLevelAwait('a.ts', 'for await (const x of y) {}')).to.equal(true);
  });

  it(`has at most ${MAX_LINES} lines`, () => {
    const long = PUBLISHED.map(({ file, text }) => ({ file, lines: text.trimEnd().split('\n').length }));
    expect(long.filter(({ lines }) => lines > MAX_LINES)).to.deep.equal([]);
  });

  it('is named after its one idea', () => {
    const vague = /(^|\/)(src|utils?|helpers?|common|misc|types)(\/|\.ts$)/;
    expect(PUBLISHED.map(({ file }) => file).filter((file) => vague.test(file))).to.deep.equal([]);
    // A plugin of many files has rooms of its own.
    const isDeep = (folder: string) => folder.split('/').length > (/^(plugins|test)\//.test(folder) ? 3 : 2);
    expect(PUBLISHED.map(({ file }) => dirname(file)).filter(isDeep)).to.deep.equal([]);
  });
});

function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

/** What loading the file loads with it: static imports that are not of types alone. */
function loadedAtOnce(file: string, text: string): string[] {
  return parse(file, text).statements.flatMap((statement) => {
    if (
      ts.isImportDeclaration(statement) &&
      statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
    )
      return [];
    if (ts.isExportDeclaration(statement) && statement.isTypeOnly) return [];
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const { moduleSpecifier } = statement;
    return moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? [moduleSpecifier.text] : [];
  });
}

function hasTopLevelAwait(file: string, text: string): boolean {
  const isAwait = (node: ts.Node): boolean =>
    ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined);
  const visit = (node: ts.Node): boolean =>
    !ts.isFunctionLike(node) && (isAwait(node) || (ts.forEachChild(node, visit) ?? false));
  return visit(parse(file, text));
}
