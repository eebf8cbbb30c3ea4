/** How far a batch has come: lines that need not be written again. Kept between the attempts to write one batch. */
export interface Progress {
  done: number;
}

/** Where lines go. Its calls never overlap: whoever owns it awaits one before the next. */
export interface Destination {
  /** Somebody reads along: the default format is for people. */
  readonly isTerminal: boolean;
  /** Whether that terminal shows colours and its user wants them (NO_COLOR, FORCE_COLOR, TERM). */
  readonly hasColour: boolean;
  /** Makes it ready to write; safe to repeat. Rejects when that cannot be. */
  open(): Promise<void>;
  /**
   * Writes the lines from `progress.done` on, a line end behind each, and counts up what is written. Resolves when
   * the system has all of them. A rejected call may be repeated with the same progress: no line is written twice.
   */
  append(lines: readonly string[], progress: Progress, abortSignal?: AbortSignal): Promise<void>;
  /** Resolves when what was written would survive a power failure; for a stream, when the system has it. */
  sync(): Promise<void>;
  /** Lets go; safe to repeat. */
  close(): Promise<void>;
}
