import type { AnyExportedSpan } from '../../../core/index.ts';
import { nonEmptyText, recordOf } from './attribute-text.ts';

/** What a span says to Langfuse alone, in `metadata.langfuse`, or in `attributes.langfuse` when it was imported. */
export interface Hints {
  /** A prompt of Langfuse's prompt management; both or none. */
  prompt?: { name: string; version: number };
  level?: Level;
  statusMessage?: string;
  version?: string;
  /** The next three are of the whole trace and read from its root span. */
  release?: string;
  traceName?: string;
  isPublic?: boolean;
  /** What is none of these, to be kept as metadata. */
  rest: Record<string, unknown>;
}

const LEVELS = ['DEBUG', 'DEFAULT', 'WARNING', 'ERROR'] as const;
type Level = (typeof LEVELS)[number];

const NONE: Hints = { rest: {} };

/** Reads the hints of a span. */
export function hintsOf({ metadata, attributes }: AnyExportedSpan): Hints {
  const ofMetadata = recordOf(metadata?.['langfuse']);
  const ofAttributes = recordOf(attributes?.['langfuse']);
  if (!ofMetadata && !ofAttributes) return NONE;
  return read({ ...ofAttributes, ...ofMetadata });
}

function read(given: Record<string, unknown>): Hints {
  const { prompt, promptName, promptVersion, level, statusMessage, version, trace, ...others } = given;
  const { release, traceName, public: isPublic, ...rest } = others;
  // An import keeps what is said of the whole trace apart.
  const ofTrace = recordOf(trace) ?? {};
  return {
    ...promptOf(recordOf(prompt) ?? { name: promptName, version: promptVersion }),
    ...levelOf(level),
    ...text('statusMessage', statusMessage),
    ...text('version', version ?? ofTrace['version']),
    ...text('release', release ?? ofTrace['release']),
    ...text('traceName', traceName ?? ofTrace['name']),
    ...publicOf(isPublic ?? ofTrace['public']),
    rest,
  };
}

/** Langfuse takes a version as a whole number only, and a prompt with both or not at all. */
function promptOf({ name, version }: Record<string, unknown>): Pick<Hints, 'prompt'> {
  const number = typeof version === 'string' && /^\d{1,9}$/.test(version) ? Number(version) : version;
  if (typeof name !== 'string' || name === '' || !Number.isSafeInteger(number)) return {};
  return { prompt: { name, version: number as number } };
}

function levelOf(level: unknown): Pick<Hints, 'level'> {
  const known = LEVELS.find((one) => one === level);
  return known ? { level: known } : {};
}

function publicOf(isPublic: unknown): Pick<Hints, 'isPublic'> {
  return typeof isPublic === 'boolean' ? { isPublic } : {};
}

function text<K extends string>(key: K, value: unknown): { [P in K]?: string } {
  const given = nonEmptyText(value);
  return (given === undefined ? {} : { [key]: given }) as { [P in K]?: string };
}
