const DEFAULT_HELD = 10_000;

/**
 * A map of bounded weight that forgets what was not used for longest, half of it at a time: forgetting one by one costs
 * a `Map` a search through what it has forgotten already.
 */
export class RecentMap<K, V> {
  readonly #held: number;
  #recent = new Map<K, Entry<V>>();
  #older = new Map<K, Entry<V>>();
  #recentWeight = 0;

  /** @param held the weight of what was used last that is held for certain; at most twice as much is held. */
  constructor(held = DEFAULT_HELD) {
    this.#held = held;
  }

  has(key: K): boolean {
    return this.#recent.has(key) || this.#older.has(key);
  }

  get(key: K): V | undefined {
    const entry = this.#recent.get(key);
    if (entry) return entry.value;
    const older = this.#older.get(key);
    if (older) this.#add(key, older);
    return older?.value;
  }

  /** Keeps the value as the newest; one that is heavier by itself than what is held is not kept. */
  set(key: K, value: V, weight = 1): void {
    this.delete(key);
    if (weight <= this.#held) this.#add(key, { value, weight });
  }

  delete(key: K): void {
    const entry = this.#recent.get(key);
    if (entry) this.#recentWeight -= entry.weight;
    this.#recent.delete(key);
    this.#older.delete(key);
  }

  #add(key: K, entry: Entry<V>): void {
    if (this.#recentWeight + entry.weight > this.#held) {
      this.#older = this.#recent;
      this.#recent = new Map();
      this.#recentWeight = 0;
    } else this.#older.delete(key);
    this.#recent.set(key, entry);
    this.#recentWeight += entry.weight;
  }
}

interface Entry<V> {
  value: V;
  weight: number;
}
