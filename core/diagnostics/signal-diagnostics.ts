import { type CircuitState, worseCircuit } from '../delivery/circuit.ts';
import { addCounts, type DeliveryCounts, type Tally } from '../delivery/counts.ts';

/** What became of one signal at one plugin. */
export interface SignalDiagnostics extends DeliveryCounts {
  /** Whether its destination answers; of several deliveries the worst. Absent where nothing is delivered. */
  circuit?: CircuitState;
  /** The strategy chosen for a store. */
  strategy?: string;
  lastError?: { message: string; at: Date };
  lastSuccessAt?: Date;
  /** Events that the entry's own processors held back, by reason: never accepted, so no part of the counts above. */
  heldBack?: Record<string, number>;
  /** Of the events dropped as `rejected` or `retry_exhausted`: those in the file of dead letters, and those that it could not take. */
  deadLetters?: { written: number; unwritten: number };
  /** Of the events accepted, those that earlier processes left in the spool; absent without one. */
  recovered?: number;
}

/** What a delivery shows of itself. */
export interface Tracked {
  counts: Tally;
  circuit: { readonly state: CircuitState };
  recovered?: number;
}

/** Adds what a delivery shows to what is known of its signal. */
export function addTracked(sum: SignalDiagnostics, { counts, circuit, recovered }: Tracked): void {
  if (recovered !== undefined) sum.recovered = (sum.recovered ?? 0) + recovered;
  sum.circuit = worseCircuit(sum.circuit ?? 'closed', circuit.state);
  addCounts(sum, counts);
}
