import { isUnder, type Path, pathText } from './path.ts';
import { type Place, rankOf, sourceOf } from './place.ts';
import { type Environment, isReference, readVariable } from './reference.ts';
import type { Origin } from './resolved.ts';
import { MASK, type Secrets } from './secrets.ts';

/** What one layer says about one key; null takes it away. */
interface Word {
  place: Place;
  value: unknown;
}

/** Keeps which layers spoke about which key, weakest first. */
export class Origins {
  readonly #leaves = new Map<string, { path: Path; words: Word[] }>();

  /** Takes note that a place gives a key its value; null says that it takes the key away. */
  say(place: Place, path: Path, value: unknown): void {
    const text = pathText(path);
    const leaf = this.#leaves.get(text) ?? { path, words: [] };
    if (value === null && leaf.words.at(-1)?.value === null) return;
    leaf.words.push({ place, value });
    this.#leaves.set(text, leaf);
  }

  /** Takes note that a place takes away a key that others gave, with all below it. */
  remove(place: Place, path: Path): void {
    for (const leaf of this.#leaves.values()) if (isUnder(leaf.path, path)) this.say(place, leaf.path, null);
  }

  /** The keys directly below a path that any layer named, in the order in which they were first named. */
  keysBelow(path: Path): string[] {
    const below = [...this.#leaves.values()].filter((leaf) => isUnder(leaf.path, path));
    return [...new Set(below.flatMap((leaf) => leaf.path.slice(path.length, path.length + 1)))];
  }

  /** The strongest place that spoke about a key or something below it; else about what holds it. */
  placeOf(path: Path): Place | undefined {
    const words = [...this.#leaves.values()].flatMap((leaf) => (isUnder(leaf.path, path) ? leaf.words : []));
    const last = strongest(words);
    if (last || path.length === 0) return last;
    return this.placeOf(path.slice(0, -1));
  }

  /** Tells which literal values are secrets, so that no text repeats them. */
  teach(secrets: Secrets): void {
    for (const { path, words } of this.#leaves.values())
      if (secrets.isSecret(path))
        for (const value of words.flatMap((word) => word.value)) secrets.remember(value);
  }

  /** The words about every key as they may be shown. */
  list(env: Environment, secrets: Secrets): Map<string, readonly Origin[]> {
    const listed = new Map<string, readonly Origin[]>();
    for (const [text, { path, words }] of this.#leaves)
      listed.set(
        text,
        words.map((word) => originOf(word, path, env, secrets)),
      );
    return listed;
  }
}

function strongest(words: readonly Word[]): Place | undefined {
  let best: Place | undefined;
  for (const { place } of words) if (!best || rankOf(place) >= rankOf(best)) best = place;
  return best;
}

function originOf({ place, value }: Word, path: Path, env: Environment, secrets: Secrets): Origin {
  const origin = { layer: place.layer, source: sourceOf(place) };
  if (!isReference(value)) return { ...origin, value: secrets.show(path, value) };
  const { variable, isSecret, fallback } = value;
  const read = isSecret ? MASK : secrets.show(path, readVariable(value, env) ?? fallback);
  return { ...origin, value: read, variable };
}
