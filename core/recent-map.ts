const DEFAULT_MAX = 20_000;

/**
 * A map of bounded weight that forgets what was not used for longest, a half at a time: forgetting one by one costs a
 * `Map` a search through what it has forgotten already.
 */
export class RecentMap<K, V> {
  readonly #halfWeight: number;
  #recent = new Map<K, Entry<V>>();
  #older = new Map<K, Entry<V>>();
  #recentWeight = 0;

  /** @param maxWeight the sum of all weights at most. What was used last, up to half of that, is held for certain. */
  constructor(maxWeight = DEFAULT_MAX) {
    this.#halfWeight = maxWeight / 2;
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

  /** Keeps the value as the newest; one that is heavier than half of the map is not kept. */
  set(key: K, value: V, weight = 1): void {
    this.delete(key);
    if (weight <= this.#halfWeight) this.#add(key, { value, weight });
  }

  delete(key: K): void {
    const entry = this.#recent.get(key);
    if (entry) this.#recentWeight -= entry.weight;
    this.#recent.delete(key);
    this.#older.delete(key);
  }

  #add(key: K, entry: Entry<V>): void {
    if (this.#recentWeight + entry.weight > this.#halfWeight) {
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
