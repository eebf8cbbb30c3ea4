/** A set of sequences that mostly come in order, kept as ranges. */
export class Sequences {
  /** Starts and ends by turns, in order; an end is the first sequence behind the range. */
  readonly #bounds: number[] = [];
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  has(sequence: number): boolean {
    return this.#placeOf(sequence + 1) % 2 === 1;
  }

  /** Adds `count` sequences from `first` on. Gives how many of them are new. */
  add(first: number, count = 1): number {
    const end = first + count;
    const bounds = this.#bounds;
    const from = this.#placeOf(first);
    const to = this.#placeOf(end + 1);
    // An odd place is inside of a range, whose start or end then stays.
    const kept = [...(from % 2 === 0 ? [first] : []), ...(to % 2 === 0 ? [end] : [])];
    const gone = bounds.splice(from, to - from, ...kept);
    const before = this.#sumOf(gone, from % 2 === 1 ? first : undefined, to % 2 === 1 ? end : undefined);
    this.#size += count - before;
    return count - before;
  }

  /** The first sequence from `from` on that is not in the set. */
  firstMissing(from: number): number {
    const place = this.#placeOf(from + 1);
    return place % 2 === 1 ? this.#bounds[place]! : from;
  }

  /** How many of the bounds are below a value, where a range that ends exactly before it still counts as open. */
  #placeOf(value: number): number {
    let low = 0;
    let high = this.#bounds.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#bounds[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** How many sequences lie in the ranges that these bounds cut out. */
  #sumOf(gone: readonly number[], start: number | undefined, end: number | undefined): number {
    const bounds = [...(start === undefined ? [] : [start]), ...gone, ...(end === undefined ? [] : [end])];
    let sum = 0;
    for (let i = 0; i + 1 < bounds.length; i += 2) sum += bounds[i + 1]! - bounds[i]!;
    return sum;
  }
}
