/** A moment in SQL, from microseconds since the Unix epoch. */
export function at(micros: number): string {
  return `make_timestamp(${micros})`;
}
