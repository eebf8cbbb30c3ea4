// Runs in a child process: measures one subject of one case once and prints what it found as JSON.
import type { BenchCase } from './case.ts';

const [file, subject] = process.argv.slice(2);
const { default: benchCase }: { default: BenchCase } = await import(file!);
const measures = await benchCase.subjects[subject!]!();
process.stdout.write(JSON.stringify(measures));
