import { type ConfigProblem, printable, problemSource } from '../core/index.ts';
import type { Style } from './render/style.ts';

/** A problem of a config in two lines: `source  key.path  CODE: message`, then the hint. */
export function problemLines(problem: ConfigProblem, style: Style): string[] {
  const { path, code, message, hint } = problem;
  const place = [problemSource(problem), path].filter((part) => part !== '').map((part) => printable(part));
  const what = printable(message);
  return [
    `${[...place.map(style.bold), `${style.red(code)}: ${what}`].join('  ')}`,
    `  hint: ${printable(hint)}`,
  ];
}
