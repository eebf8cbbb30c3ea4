import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { configPage } from '../docs/write-config.ts';

const ROOT = resolve(import.meta.dirname, '..');
const text = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
  ...readdirSync(join(ROOT, 'plugins')).map((name) => `plugins/${name}/README.md`),
];

/** The TypeScript blocks of a page that are whole files, by a path that no file has. */
function blocksOf(page: string): [file: string, code: string][] {
  return [...text(page).matchAll(/```ts\n\/\/ (\S+\.ts)\n([\s\S]*?)```/g)].map(([, name, code]) => [
    join(ROOT, dirname(page), `${page.replace(/\W/g, '_')}__${name}`),
    code!,
  ]);
}

/** What the compiler says about files that exist only here, as a project that has this package would see them. */
function mistakesIn(files: ReadonlyMap<string, string>): string[] {
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile).config;
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, ROOT);
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  delete host.directoryExists; // some are in folders that are not there
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.getSourceFile = (file, target, ...rest) =>
    files.has(file)
      ? ts.createSourceFile(file, files.get(file)!, target)
      : getSourceFile(file, target, ...rest);
  const program = ts.createProgram([...files.keys()], { ...options, noEmit: true }, host);
  return [...files.keys()].flatMap((file) => {
    const source = program.getSourceFile(file)!;
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${relative(ROOT, file)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
  });
}

describe('the pages', () => {
  it('show TypeScript that compiles', () => {
    // The README's are run as they are, and so is the config for a plugin that is not installed here.
    const own = (file: string) => !/writing_a_plugin_md__(?:obs\.config|app)\.ts$/.test(file);
    const pages = PAGES.filter((page) => page !== 'README.md');
    const files = new Map(pages.flatMap(blocksOf).filter(([file]) => own(file)));
    const found = [...files.keys()].map((file) => relative(ROOT, file));
    expect(found.filter((file) => file.startsWith('docs/docs_migrating'))).to.have.length(4);
    expect(mistakesIn(files)).to.deep.equal([]);
    const wrong = join(ROOT, 'docs/wrong.ts');
    expect(
      mistakesIn(new Map([[wrong, `import { createObs } from 'obs-kit';\ncreateObs(5);`]])),
    ).to.have.length(1);
  }).timeout(60_000);

  it('have links to files that are there', () => {
    const dead = PAGES.flatMap((page) =>
      [...text(page).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)]
        .map(([, link]) => join(dirname(page), link!))
        .filter((file) => !ts.sys.fileExists(join(ROOT, file)) && !ts.sys.directoryExists(join(ROOT, file)))
        .map((file) => `${page} -> ${file}`),
    );
    expect(dead).to.deep.equal([]);
  });

  it('about the config say what the schemas say (else: npm run docs:config)', async () => {
    expect(text('docs/config.md')).to.equal(await configPage());
  });
});
