import type { Destination } from './destination.ts';
import { FileDestination } from './file.ts';
import type { ResolvedJsonOptions } from './options.ts';
import { StreamDestination } from './stream.ts';

/** The destination that the options name; nothing is opened yet. */
export function destinationOf({ destination, rotate }: ResolvedJsonOptions): Destination {
  if (destination === 'stdout' || destination === 'stderr') return new StreamDestination(destination);
  return new FileDestination(destination, rotate);
}
