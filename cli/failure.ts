import { inspect } from 'node:util';
import { type ConfigProblem, isObsError, messageOf, printable } from '../core/index.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit-codes.ts';
import { problemLines } from './problems.ts';
import { createStyle } from './render/style.ts';
import { fitted } from './terminal.ts';

/** Says on stderr what went wrong, without a stack unless `OBS_DEBUG` asks for it, and gives the exit code. */
export function reportFailure(error: unknown): ExitCode {
  const lines = isObsError(error) ? knownLines(error) : unknownLines(error);
  process.stderr.write(`${fitted(lines.join('\n'), process.stderr)}\n`);
  if (process.env['OBS_DEBUG']) process.stderr.write(`${printable(inspect(error), { keepLines: true })}\n`);
  return isObsError(error) ? exitCodeOf(error.code) : EXIT.problem;
}

function knownLines(error: Error & { hint: string; problems?: readonly ConfigProblem[] }): string[] {
  if (!error.problems)
    return [printable(error.message, { keepLines: true }), `hint: ${printable(error.hint)}`];
  const [summary = ''] = error.message.split('\n');
  const style = createStyle(false);
  return [printable(summary), ...error.problems.flatMap((problem) => problemLines(problem, style))];
}

function unknownLines(error: unknown): string[] {
  const hint = process.env['OBS_DEBUG'] ? [] : ['hint: OBS_DEBUG=1 shows where it comes from.'];
  return [`unexpected: ${printable(messageOf(error))}`, ...hint];
}
