import { ObsError } from '../errors.ts';
import type { ConfigProblem } from './problems.ts';
import type { Resolution } from './resolved.ts';

/** The error of an invalid config. */
export interface ConfigError extends ObsError {
  readonly problems: readonly ConfigProblem[];
}

/**
 * Gives back nothing when a config has no problems.
 * @throws one `OBS_CONFIG_INVALID` that lists all problems, a line each; they are its `problems` too. Its cause is that
 * of the first problem that has one.
 */
export function assertResolved({ problems }: Resolution): void {
  if (problems.length === 0) return;
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const lines = problems.map((problem) => `\n  ${problemLine(problem)}`);
  const cause = problems.find((problem) => problem.cause !== undefined)?.cause;
  const error = new ObsError('OBS_CONFIG_INVALID', `${count}${lines.join('')}`, {
    ...(cause !== undefined && { cause }),
    from: assertResolved,
  });
  // The message lists them: printed with the error they would be said twice.
  throw Object.defineProperty(error, 'problems', { value: problems });
}

/** The source of a problem, with line and column where they are known: `obs.config.json:4:12`. */
export function problemSource({ source, line, column }: ConfigProblem): string {
  return line === undefined ? source : `${source}:${line}:${column}`;
}

/** A problem in one line: `source: key path: CODE: message (hint)`. */
export function problemLine(problem: ConfigProblem): string {
  const { path, code, message, hint } = problem;
  return `${problemSource(problem)}: ${path && `${path}: `}${code}: ${message} (${hint})`;
}
