import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { BenchCase, Measures } from './case.ts';
import { median } from './statistics.ts';

const ROUNDS = 7;
const SUFFIX = '.bench.js';
const CASES = new URL('./cases/', import.meta.url);
const MEASURE = new URL('./measure.js', import.meta.url);

/** Runs the cases whose name contains one of the filters, or all. */
async function main(filters: string[]): Promise<void> {
  const names = readdirSync(CASES)
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .filter((name) => filters.length === 0 || filters.some((filter) => name.includes(filter)))
    .sort();
  if (names.length === 0) {
    console.error(`bench: no case has ${filters.join(' or ')} in its name`);
    process.exitCode = 1;
    return;
  }
  console.log(`Node ${process.version}, ${availableParallelism()} CPUs, ${process.platform} ${process.arch}`);
  for (const name of names) await runCase(name);
}

async function runCase(name: string): Promise<void> {
  const file = new URL(`${name}${SUFFIX}`, CASES).href;
  const { default: benchCase }: { default: BenchCase } = await import(file);
  const subjects = Object.keys(benchCase.subjects);
  const found = new Map<string, Measures[]>(subjects.map((subject) => [subject, []]));
  for (let round = 0; round < (benchCase.rounds ?? ROUNDS); round++) {
    // Every round measures all subjects, each in a fresh process, and starts with another one: what else the machine
    // does in the meantime meets all of them alike.
    for (const subject of rotated(subjects, round)) found.get(subject)!.push(measureInChild(file, subject));
  }
  console.log(`\n${name}: ${benchCase.title}\n`);
  printTable(rows(found, benchCase.compared ?? 'ratio'));
}

function rotated<V>(values: readonly V[], by: number): V[] {
  const from = by % values.length;
  return [...values.slice(from), ...values.slice(0, from)];
}

function measureInChild(file: string, subject: string): Measures {
  const args = [fileURLToPath(MEASURE), file, subject];
  const env = { ...process.env, NODE_ENV: 'production' };
  return JSON.parse(
    execFileSync(process.execPath, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
  );
}

/** A header and a line per subject. Differences and ratios are taken within each round, then their median. */
function rows(found: Map<string, Measures[]>, compared: NonNullable<BenchCase['compared']>): string[][] {
  const [control] = found.values();
  const measures = Object.keys(control![0]!);
  const [main] = measures as [string];
  const against = (rounds: Measures[], compare: (own: number, control: number) => number) =>
    median(rounds.map((own, round) => compare(own[main]!, control![round]![main]!)));
  const header = ['subject', ...measures];
  if (compared === 'difference') header.push('over control');
  if (compared !== 'not') header.push('ratio');
  const lines = [...found].map(([subject, rounds]) => {
    const line = [subject, ...measures.map((measure) => shown(median(rounds.map((own) => own[measure]!))))];
    if (compared === 'difference') line.push(shown(against(rounds, (own, control) => own - control)));
    if (compared !== 'not') line.push(against(rounds, (own, control) => own / control).toFixed(2));
    return line;
  });
  return [header, ...lines];
}

function shown(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(1);
}

/** A Markdown table, as docs/benchmarks.md has it. */
function printTable([header, ...lines]: string[][]): void {
  const table = [header!, header!.map((_, column) => (column === 0 ? '---' : '---:')), ...lines];
  for (const cells of table) console.log(`| ${cells.join(' | ')} |`);
}

await main(process.argv.slice(2));
