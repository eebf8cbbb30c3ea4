import { ERROR_HINTS, type ErrorCode } from '../errors.ts';
import { isUnder, type Path, pathText } from './path.ts';
import { type Place, rankOf } from './place.ts';
import type { Refuse } from './plain.ts';
import type { Secrets } from './secrets.ts';

/** A mistake in a config. */
export interface ConfigProblem {
  code: ErrorCode;
  /** The config file relative to the working directory, the variable's name, or `createObs()`. */
  source: string;
  /** Where in the source, from 1; for JSON and YAML. */
  line?: number;
  column?: number;
  /** Dotted path of the key, such as `plugins.cloud.options.endpoint`; empty for the whole source. */
  path: string;
  /** What was expected and what was there; never the value of a secret. */
  message: string;
  hint: string;
  /** What was thrown, where something was. Not enumerable: it is no part of what is printed. */
  cause?: unknown;
}

/** A mistake as it is found: the path is that of the merged config, the place says which layer to correct. */
export interface Finding {
  place: Place;
  code: ErrorCode;
  path: Path;
  message: string;
  /** Default: the hint of the code. */
  hint?: string | undefined;
  /** What was thrown. */
  cause?: unknown;
}

/** Collects the mistakes of all layers. */
export class Problems {
  readonly #findings: Finding[] = [];

  add(...findings: Finding[]): void {
    this.#findings.push(...findings);
  }

  /** Takes note of mistakes in one layer. */
  at(place: Place): Refuse {
    return (code, path, message) => this.add({ place, code, path, message });
  }

  /** True when something at a path, below it or around it was found wrong in any layer. */
  has(path: Path): boolean {
    return this.#findings.some(
      (finding) => isUnder(finding.path, path) || (finding.path.length > 0 && isUnder(path, finding.path)),
    );
  }

  /** All problems, those of the weakest layer first, without the values of secrets. */
  list(secrets: Secrets): ConfigProblem[] {
    return this.#findings
      .toSorted((a, b) => rankOf(a.place) - rankOf(b.place))
      .map((finding) => problemOf(finding, secrets));
  }
}

function problemOf(finding: Finding, secrets: Secrets): ConfigProblem {
  const { place, code, path, message, hint = ERROR_HINTS[code], cause } = finding;
  const problem: ConfigProblem = {
    code,
    source: place.file,
    ...place.locate?.([...place.prefix, ...path]),
    path: pathText([...place.prefix, ...path]),
    message: secrets.clean(message),
    hint,
  };
  // Found by whoever asks for it, left out where the problem is printed as JSON.
  if (cause !== undefined) Object.defineProperty(problem, 'cause', { value: cause });
  return problem;
}
