/** The approximate size of an event lies under this symbol; JSON and structured clone skip it. */
const BYTES = Symbol.for('obs.bytes');
/** Ids, times and names of an event that no snapshot counted. */
const ENVELOPE_BYTES = 200;

/** Notes how many bytes the payload of an event holds. */
export function withBytes<E extends object>(event: E, payloadBytes: number): E {
  (event as { [BYTES]?: number })[BYTES] = ENVELOPE_BYTES + payloadBytes;
  return event;
}

/** The approximate size of an event in bytes; of an event made elsewhere, by the length of its JSON. */
export function bytesOf(event: object): number {
  const known = (event as { [BYTES]?: number })[BYTES];
  if (known !== undefined) return known;
  try {
    return ENVELOPE_BYTES + JSON.stringify(event).length;
  } catch {
    return ENVELOPE_BYTES;
  }
}
