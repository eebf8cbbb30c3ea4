import type { ObservabilityEvent } from '../../core/index.ts';

/** A part of a file that could not be taken. */
export interface ImportProblem {
  /** `OBS_IMPORT_FORMAT`: the text is not what it should be from here on. `OBS_IMPORT_RECORD`: one record was left out. */
  code: 'OBS_IMPORT_FORMAT' | 'OBS_IMPORT_RECORD';
  /** Line and column of a JSON error, JSON pointer of a record; with the line before it in a file of JSON lines. */
  position: string;
  message: string;
}

/** What an importer makes of one file. */
export interface Imported {
  events: ObservabilityEvent[];
  problems: ImportProblem[];
}

/**
 * Reads the text of one file. Pure, and the same text gives the same events with the same identities, so that
 * importing twice changes nothing. Never throws: what cannot be taken is a problem, the rest is kept.
 */
export type Importer = (text: string) => Imported;
