let second = Number.NaN;
let textOfSecond = '';

/** Microseconds since the Unix epoch as RFC 3339 in UTC, such as `2026-01-02T03:04:05.678901Z`. @throws RangeError. */
export function rfc3339(unixMicro: number): string {
  const seconds = Math.floor(unixMicro / 1_000_000);
  return `${upToSecond(seconds)}.${String(1_000_000 + unixMicro - seconds * 1_000_000).slice(1)}Z`;
}

/** What `JSON.stringify` makes of a Date, in a fraction of the time. */
export function dateText(date: Date): string | null {
  const ms = date.getTime();
  if (Number.isNaN(ms)) return null;
  const seconds = Math.floor(ms / 1_000);
  return `${upToSecond(seconds)}.${String(1_000 + ms - seconds * 1_000).slice(1)}Z`;
}

/** Events of one second come together, and of a time the text up to the second is what takes long to make. */
function upToSecond(seconds: number): string {
  if (seconds !== second) {
    textOfSecond = new Date(seconds * 1_000).toISOString().slice(0, -5);
    second = seconds;
  }
  return textOfSecond;
}
