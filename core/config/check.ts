import type { OptionsSchema } from '../contract/plugin.ts';
import type { ErrorCode } from '../errors.ts';
import { mistakesOf } from './issues.ts';
import type { Origins } from './origins.ts';
import { isUnder, type Path } from './path.ts';
import { BUILT_IN } from './place.ts';
import { valueAt } from './plain.ts';
import type { Finding } from './problems.ts';
import type { Environment } from './reference.ts';
import type { Secrets } from './secrets.ts';
import { type Reading, settle } from './settle.ts';

/** What a part of the merged config is checked with. */
export interface CheckContext {
  env: Environment;
  origins: Origins;
  secrets: Secrets;
}

/** A part of the config with its references read, and what is wrong with it. */
export interface Checked {
  value: unknown;
  /** What the schema was given. */
  input: unknown;
  findings: Finding[];
}

const HOST_CODES = { unknownKey: 'OBS_CONFIG_UNKNOWN_KEY', type: 'OBS_CONFIG_TYPE' } as const;

/**
 * Reads the references in a part of the merged config and checks it; each mistake is laid to the layer that spoke.
 * @throws what the schema's validation throws.
 */
export async function check(
  schema: OptionsSchema,
  value: unknown,
  path: Path,
  { env, origins, secrets }: CheckContext,
  codes: { unknownKey: ErrorCode; type: ErrorCode } = HOST_CODES,
): Promise<Checked> {
  const settled = await settle(schema, value, env);
  const { input, readings, missing } = settled;
  for (const { reference, text } of readings) if (reference.isSecret) secrets.remember(text);

  const findings = missing.map((reading) => missingFinding(reading, path, origins));
  const isHidden = (inner: Path) =>
    secrets.isSecret([...path, ...inner]) || readings.some((reading) => isUnder(reading.path, inner));
  for (const issue of settled.issues)
    for (const mistake of mistakesOf(issue, schema, input, isHidden)) {
      const at = [...path, ...mistake.path];
      const isAbsent = valueAt(input, mistake.path) === undefined;
      // What is absent was written by nobody: it is owed by the layer that named the plugin.
      const owner = isAbsent && path.at(-1) === 'options' ? [...path.slice(0, -1), 'use'] : at;
      const code = mistake.isUnknownKey ? codes.unknownKey : codes.type;
      findings.push({ place: origins.placeOf(owner) ?? BUILT_IN, code, path: at, message: mistake.message });
    }
  return { value: settled.value, input, findings };
}

function missingFinding({ path: inner, reference }: Reading, path: Path, origins: Origins): Finding {
  const { variable, isSecret } = reference;
  const at = [...path, ...inner];
  return {
    place: origins.placeOf(at) ?? BUILT_IN,
    code: isSecret ? 'OBS_CONFIG_SECRET_MISSING' : 'OBS_CONFIG_ENV_MISSING',
    path: at,
    message: `the environment variable ${variable}${isSecret ? ', a secret,' : ''} is not set`,
  };
}
