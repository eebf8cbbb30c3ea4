import type { DeadLetter } from '../../core/delivery/dead-letters.ts';
import type { SignalDiagnostics } from '../../core/diagnostics/signal-diagnostics.ts';

/** What is known at the end of a run, from three sides: what was emitted, what the server holds, what the host says. */
export interface Ledger {
  emitted: readonly string[];
  /** How often the server took each id. */
  held: ReadonlyMap<string, number>;
  letters: readonly DeadLetter[];
  /** The ids of the events of the letters. */
  lettered: readonly string[];
  counts: SignalDiagnostics;
}

/** Everything in which the three sides do not agree; none for an honest exporter. */
export function discrepancies(
  { emitted, held, lettered, counts }: Ledger,
  isRedeliverySafe: boolean,
): string[] {
  const { accepted, delivered, dropped, queued, inFlight, spooled, deadLetters } = counts;
  const { rejected = 0, ambiguous = 0, ...others } = dropped;
  const { written, unwritten } = deadLetters ?? { written: 0, unwritten: 0 };
  const alsoGone = Object.values(others).reduce((sum, n) => sum + n, 0);
  const nowhere = emitted.filter((id) => !held.has(id) && !lettered.includes(id));
  // Of what is ambiguous some may have arrived.
  const arrivedAmbiguously = held.size - delivered;
  const claims: [string, boolean][] = [
    [`accepted ${accepted} of ${emitted.length} emitted`, accepted === emitted.length],
    [
      `${queued} queued, ${inFlight} in flight, ${spooled} spooled at the end`,
      queued + inFlight + spooled === 0,
    ],
    [`the server holds ${held.size}, delivered are ${delivered}`, between(arrivedAmbiguously, 0, ambiguous)],
    [`${rejected} rejected, ${written} + ${unwritten} dead letters`, rejected === written + unwritten],
    [`${lettered.length} lines of dead letters, ${written} counted`, lettered.length === written],
    [`both held and refused: ${lettered.filter((id) => held.has(id))}`, !lettered.some((id) => held.has(id))],
    [`held and never emitted: ${without(held.keys(), emitted)}`, without(held.keys(), emitted).length === 0],
    [`refused and never emitted: ${without(lettered, emitted)}`, without(lettered, emitted).length === 0],
    [
      `nowhere: ${nowhere.length} (${nowhere.slice(0, 3)}), accounted for: ${unwritten} + ${alsoGone} + ${ambiguous}`,
      nowhere.length === unwritten + alsoGone + ambiguous - Math.max(0, arrivedAmbiguously),
    ],
    ['an id came twice, which is not safe', isRedeliverySafe || [...held.values()].every((n) => n === 1)],
  ];
  return claims.filter(([, holds]) => !holds).map(([claim]) => claim);
}

function between(n: number, least: number, most: number): boolean {
  return n >= least && n <= most;
}

function without(ids: Iterable<string>, known: readonly string[]): string[] {
  return [...ids].filter((id) => !known.includes(id));
}
