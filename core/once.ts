/**
 * A function that makes its value when it is first called, and gives the same one ever after. For what would make
 * loading obs-kit slow: see docs/decisions/036.
 */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
