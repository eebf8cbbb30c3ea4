// Breaks the sources on purpose, one place at a time, in a copy of the tree: each mutation of test/mutations/*.json must
// make the test that it names fail. `npm run mutations [-- <part of a name or file>]`. Too slow for `npm test`.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const LEFT_OUT = new Set(['node_modules', '.git', '.obs', 'dist']);
const LIMIT_MS = 120_000;

const wanted = process.argv[2] ?? '';
const mutations = readMutations().filter(({ name, file }) => name.includes(wanted) || file.includes(wanted));
const tree = copyTree();
process.on('exit', () => rmSync(tree, { recursive: true, force: true }));
process.on('SIGINT', () => process.exit(130));

const sound = await soundTests();
let survivors = 0;
for (const mutation of mutations) {
  const verdict = await judge(mutation);
  if (verdict !== 'killed') survivors++;
  console.log(`${verdict.padEnd(34)} ${mutation.name.padEnd(46)} ${mutation.file}`);
}
console.log(`\n${mutations.length - survivors} of ${mutations.length} mutations killed`);
process.exitCode = survivors > 0 || mutations.length === 0 ? 1 : 0;

/** Each is `{ name, file, search, replace, test, title }`; `title` is that of the test with those of its groups. */
function readMutations() {
  const directory = join(ROOT, 'test', 'mutations');
  const files = readdirSync(directory).filter((file) => file.endsWith('.json'));
  return files.flatMap((file) => JSON.parse(readFileSync(join(directory, file), 'utf8')));
}

/** The sources in a directory of their own; the packages stay where they are. */
function copyTree() {
  const directory = mkdtempSync(join(tmpdir(), 'obs-mutations-'));
  cpSync(ROOT, directory, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'), 'junction');
  return directory;
}

/** The titles that pass without any mutation: one that fails anyway would prove nothing. */
async function soundTests() {
  const titles = new Map();
  for (const test of new Set(mutations.map(({ test }) => test))) {
    const { passes = [] } = (await run(test)) ?? {};
    titles.set(test, new Set(passes));
  }
  return titles;
}

/** `killed`, or what went wrong instead. */
async function judge({ file, search, replace, test, title }) {
  if (!sound.get(test).has(title)) return 'NO SUCH TEST, OR IT FAILS ANYWAY';
  const path = join(tree, file);
  const source = readFileSync(path, 'utf8');
  const parts = source.split(search);
  if (parts.length !== 2) return parts.length < 2 ? 'SEARCH TEXT IS GONE' : 'SEARCH TEXT IS NOT UNIQUE';
  writeFileSync(path, parts.join(replace));
  try {
    const result = await run(test, title);
    if (!result) return 'DOES NOT RUN';
    return result.failures.includes(title) ? 'killed' : 'SURVIVED';
  } finally {
    writeFileSync(path, source);
  }
}

/** The titles of the tests of a file that pass and fail; undefined when the file could not be run. */
function run(test, title) {
  const only = title === undefined ? [] : ['--fgrep', title];
  const args = [join('node_modules', 'mocha', 'bin', 'mocha.js'), '--reporter', 'json', ...only, test];
  return new Promise((settle) => {
    // A process group of its own: a mutation may loop for ever, in a child of the runner.
    const child = spawn(process.execPath, args, {
      cwd: tree,
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const limit = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), LIMIT_MS);
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.once('close', () => {
      clearTimeout(limit);
      settle(titlesOf(stdout));
    });
  });
}

function titlesOf(stdout) {
  try {
    const { passes, failures } = JSON.parse(stdout.slice(stdout.indexOf('{\n')));
    return {
      passes: passes.map(({ fullTitle }) => fullTitle),
      failures: failures.map(({ fullTitle }) => fullTitle),
    };
  } catch {
    return undefined;
  }
}
