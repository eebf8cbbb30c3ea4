/** Events that are sent together: a batch, or a part of a divided one. */
export interface Part<E> {
  /** The same for every attempt; the halves of `id` are `id.1` and `id.2`. */
  id: string;
  events: readonly E[];
  /** Half of what failed for as long as it may. */
  isLate?: boolean;
}

/** A part that a destination refused as a whole, and how it said so. */
export interface RefusedPart<E> extends Part<E> {
  error: unknown;
}

/** Refusals before anything is taken that are allowed to a batch after one of which nothing was taken. */
const HOPELESS_PATIENCE = 3;

/**
 * Divides a batch that a destination refuses until the refused events stand alone. One bad event among n costs
 * 2 log2(n) further requests. A destination that refuses everything is not asked 2n times: after more refusals than a
 * handful of bad events explains, refused parts are set aside, and are divided after all only when the destination
 * takes something; what is still aside at the end is refused as it is. So a batch of which nothing is taken costs at
 * most 3 log2(n) + 2 requests, and the next such one five.
 */
export class Bisection<E> {
  /** To be sent; the next one is the last. */
  #open: Part<E>[];
  #aside: RefusedPart<E>[] = [];
  /** Halves of what failed for as long as it may, the largest first: they are sent behind all others. */
  readonly #late: Part<E>[] = [];
  /** Refusals that are left before parts are set aside. */
  #patience: number;

  /** @param isHopeless the batch before ended with something {@link aside}. */
  constructor(batch: Part<E>, isHopeless: boolean) {
    this.#open = [batch];
    const depth = Math.ceil(Math.log2(Math.max(2, batch.events.length)));
    this.#patience = isHopeless ? HOPELESS_PATIENCE : 2 * depth + 2;
  }

  /** The next part to send; undefined when all have been. */
  next(): Part<E> | undefined {
    return this.#open.pop() ?? this.#late.shift();
  }

  /** What has been refused and is not to be divided any further, unless something else is taken. */
  get aside(): readonly RefusedPart<E>[] {
    return this.#aside;
  }

  /** Events that are neither taken nor refused for good, but for those of the part being sent. */
  get waiting(): E[] {
    return [...this.#open, ...this.#aside, ...this.#late].flatMap(({ events }) => events);
  }

  /** The destination took a part, or some of it: it does not refuse everything. */
  taken(): void {
    this.#patience = Number.POSITIVE_INFINITY;
    for (const part of this.#aside.splice(0)) this.#divide(part);
  }

  /** The destination refused a part. True when that is final: it is a single event. */
  refused(part: Part<E>, error: unknown): boolean {
    this.#patience--;
    if (part.events.length === 1) return true;
    if (this.#patience <= 0) this.#aside.push({ ...part, error });
    else this.#divide(part);
    return false;
  }

  /** A part failed for as long as it may. It is divided too, since one event may be why; its halves take their turn. */
  overdue(part: Part<E>): void {
    for (const half of halvesOf(part)) this.#late.push({ ...half, isLate: true });
  }

  #divide(part: Part<E>): void {
    this.#open.push(...halvesOf(part).reverse());
  }
}

function halvesOf<E>({ id, events }: Part<E>): Part<E>[] {
  const middle = Math.ceil(events.length / 2);
  return [
    { id: `${id}.1`, events: events.slice(0, middle) },
    { id: `${id}.2`, events: events.slice(middle) },
  ];
}
