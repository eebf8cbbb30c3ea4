import type { EventOf, PluginUse, Signal } from '../../../core/index.ts';
import type { Behaviour, Destination, DestinationKind } from '../destination.ts';
import { eventsOf, identityOf } from '../events.ts';

/** An exporter as its suite sees it. */
export interface ExporterSubject<D extends Destination = Destination> {
  /** The plugin with options that lead to a destination. */
  readonly use: (destination: D) => PluginUse;
  /** Where it sends to; each check starts one of its own. See `httpDestination`. */
  readonly destination: DestinationKind<D>;
  /** The signals that it takes. */
  readonly signals: readonly Signal[];
  /** Makes different events; of tracing such as end a span. Default: those of `eventsOf`. */
  readonly events?: <S extends Signal>(signal: S, count: number) => EventOf[S][];
  /** The id of an event as the destination shows it. Default: its identity. */
  readonly idOf?: (event: EventOf[Signal]) => string;
  /** Whether a repeated event is recognised, where a signal differs from the manifest. */
  readonly redelivery?: { readonly [S in Signal]?: 'safe' | 'unsafe' };
  /** Options that look like secrets by their names and are none, such as paths of key files. */
  readonly notSecret?: readonly string[];
  /** Checks that do not apply, by id, and why. */
  readonly skip?: Readonly<Record<string, string>>;
}

/** The part of a subject that does not depend on its destination. */
type Events = Pick<ExporterSubject, 'events' | 'idOf'>;

/** The events of a check, and the ids by which they are found again. */
export function eventsFor<S extends Signal>(
  { events = eventsOf, idOf = identityOf }: Events,
  signal: S,
  count: number,
) {
  const made = events(signal, count);
  return { events: made, ids: made.map((event) => idOf(event)) };
}

/** Why a check does not apply: the destination cannot be told to do this. */
export function absence<D extends Destination>(
  { destination }: ExporterSubject<D>,
  behaviour: Behaviour | undefined,
): string | undefined {
  return behaviour && !destination[behaviour] ? `the destination has no "${behaviour}"` : undefined;
}
