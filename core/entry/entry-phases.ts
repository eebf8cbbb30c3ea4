import { Phases, withoutContent } from '../bus/phases.ts';
import type { EnabledEntry } from '../config/resolved.ts';
import type { EventOf, Signal } from '../signals/index.ts';

/** What is counted of an entry's own processors. */
export interface EntryCounts {
  /** An event that they held back, with their reason. */
  heldBack: (key: string, signal: Signal, reason: string) => void;
  /** A failure of one, by the name of its phase. */
  failed: (key: string, phase: string, error: unknown) => void;
}

/**
 * The phases of one entry, for its own processors, behind those of the host; undefined where it has none. They see all
 * events that the entry would, ingested ones too. Secrets are gone by then.
 */
export function entryPhases(entry: EnabledEntry, { heldBack, failed }: EntryCounts): Phases | undefined {
  const { key, processors = [], captureContent } = entry;
  if (processors.length === 0) return undefined;
  return new Phases({
    redact: undefined,
    captureContent: captureContent !== false,
    onDrop: (signal, reason) => heldBack(key, signal, reason),
    onFailure: (_, phase, error) => failed(key, phase, error),
  });
}

/** What an entry sees of an event of a signal; null: nothing. */
export function shownTo<S extends Signal>(
  { captureContent }: EnabledEntry,
  signal: S,
  phases: Phases | undefined,
): (event: EventOf[S]) => EventOf[S] | null {
  if (phases) return (event) => phases.run(signal, event) as EventOf[S] | null;
  return captureContent === false ? withoutContent : (event) => event;
}
