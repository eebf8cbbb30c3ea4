import type { ObservabilityEvent, Signal } from '../../core/index.ts';

/** Writes an export in one format. */
export interface ExportWriter {
  /** What the format can hold. */
  readonly signals: readonly Signal[];
  /** Events of one signal, page after page. False: nobody reads any longer. */
  write(signal: Signal, events: readonly ObservabilityEvent[]): Promise<boolean>;
  /** Makes the export complete. */
  finish(): Promise<void>;
  /** Leaves nothing half written behind. */
  discard(): Promise<void>;
}
