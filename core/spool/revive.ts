/** The events whose times became text in JSON. */
interface Written {
  timestamp?: unknown;
  exportedSpan?: { startTime?: unknown; endTime?: unknown };
}

/**
 * The event that a record holds: equal to what was written, times as `Date` again.
 * @throws SyntaxError for what is no JSON.
 */
export function revive<E>(payload: Buffer): E {
  const event = JSON.parse(payload.toString()) as Written | null;
  if (typeof event === 'object' && event !== null) {
    reviveDate(event, 'timestamp');
    const span = event.exportedSpan;
    if (typeof span === 'object' && span !== null) {
      reviveDate(span, 'startTime');
      reviveDate(span, 'endTime');
    }
  }
  return event as E;
}

/** JSON has `null` for a date that is none. */
function reviveDate<K extends string>(holder: { [P in K]?: unknown }, key: K): void {
  const written = holder[key];
  if (typeof written === 'string') holder[key] = new Date(written);
  else if (written === null) holder[key] = new Date(Number.NaN);
}
