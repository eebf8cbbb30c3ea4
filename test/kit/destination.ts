/** How a plugin's call to its destination breaks. `late`: only after the host has given the attempt up. */
export type Breakage = 'sync' | 'async' | 'late';

/** Where an exporter sends to, in the hands of a test. */
export interface Destination {
  /** What the plugin is told of it: a URL, a path. */
  readonly address: string;
  /** The ids of the events that it has taken, in order and as often as it has. */
  taken(): readonly string[];
  /** How many sends with events have arrived, whatever became of them. */
  arrivals(): number;
  /** Lets go of everything; nothing can be sent to it from then on. */
  close(): Promise<void> | void;
}

/**
 * A kind of destination: how one is started, and how it is told what to do. What it is told is about the next send that
 * carries events, unless it says otherwise; what is sent afterwards is taken. What it cannot do is absent, and the checks
 * that need it are skipped by name.
 */
export interface DestinationKind<D extends Destination = Destination> {
  start(): Promise<D> | D;
  /** It takes nothing now and says: try again. */
  retryable?(destination: D): void;
  /** From now on it refuses any send as a whole that has this event in it, for good. */
  permanent?(destination: D, id: string): void;
  /** From now on it takes all of a send but this event, and says so. */
  partial?(destination: D, id: string): void;
  /** It does not answer. */
  slow?(destination: D): void;
  /** It takes what it is sent, and the answer is lost. */
  ambiguous?(destination: D): void;
  /** The call that leads to it throws, rejects, or rejects late. */
  breaking?(destination: D, how: Breakage): void;
}

/** What a destination can be told. */
export type Behaviour = Exclude<keyof DestinationKind, 'start'>;

/** Milliseconds that one send may take in the checks of destinations that do not answer; in the others it is plenty. */
export const SHORT_MS = 80;
/** Milliseconds after which a late failure comes. */
export const LATE_MS = SHORT_MS + 50;
