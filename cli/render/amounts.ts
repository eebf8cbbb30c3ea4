/** A duration for people: `12 µs`, `310 ms`, `4.21 s`, `1m 05s`, `2h 03m`. */
export function duration(micro: number): string {
  if (micro < 0) return `-${duration(-micro)}`;
  if (micro < 1_000) return `${Math.round(micro)} µs`;
  if (micro < 9_950) return `${(micro / 1_000).toFixed(1)} ms`;
  if (micro < 999_500) return `${Math.round(micro / 1_000)} ms`;
  if (micro < 59_995_000) return `${(micro / 1_000_000).toFixed(2)} s`;
  const seconds = Math.round(micro / 1_000_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m ${twoDigits(seconds % 60)}s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}h ${twoDigits(minutes % 60)}m`;
}

/** A whole number with thousands separators: `3,912`. */
export function count(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** A count with its noun: `1 span`, `3,912 spans`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** Any number in few characters, four digits that say something: `3,912`, `0.25`, `41.27`, `1.2e-7`. */
export function number(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return count(value);
  if (value === 0 || (Math.abs(value) >= 0.001 && Math.abs(value) < 1e15)) {
    return value.toLocaleString('en-US', { maximumSignificantDigits: Math.abs(value) < 1_000 ? 4 : 7 });
  }
  return value.toExponential(1);
}

/** Bytes in few characters, in powers of 1,000: `812 B`, `1.4 kB`, `38 MB`. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let amount = value;
  let unit = 0;
  for (; amount >= 999.5 && unit < units.length - 1; unit++) amount /= 1_000;
  return `${unit === 0 || amount >= 9.95 ? Math.round(amount) : amount.toFixed(1)} ${units[unit]}`;
}

/** A number of tokens in few characters: `212`, `1.9k`, `34k`, `1.2M`. */
export function tokens(value: number): string {
  if (value < 1_000) return `${value}`;
  if (value < 9_950) return `${(value / 1_000).toFixed(1)}k`;
  if (value < 999_500) return `${Math.round(value / 1_000)}k`;
  return `${(value / 1_000_000).toFixed(1)}M`;
}

/** Money: two digits that say something, at least cents: `$12.40`, `$0.014`, `$0.0000063`. */
export function cost(value: number, currency = 'USD'): string {
  const digits =
    value === 0 || Math.abs(value) >= 1 ? 2 : Math.min(10, 1 - Math.floor(Math.log10(Math.abs(value))));
  const amount = Math.abs(value).toFixed(Math.max(2, digits));
  const sign = value < 0 ? '-' : '';
  return currency === 'USD' ? `${sign}$${amount}` : `${sign}${amount} ${currency}`;
}

/** Local date and time to the second: `2026-01-31 14:02:11`. */
export function dateTime(date: Date): string {
  const day = [date.getFullYear(), twoDigits(date.getMonth() + 1), twoDigits(date.getDate())].join('-');
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':')}`;
}

/** Local time in few characters, as near as it matters: `14:02:11` today, `01-31 14:02` this year, else `2025-01-31`. */
export function shortTime(date: Date, now: Date): string {
  const full = dateTime(date);
  const today = dateTime(now);
  if (full.slice(0, 10) === today.slice(0, 10)) return full.slice(11);
  return full.slice(0, 4) === today.slice(0, 4) ? full.slice(5, 16) : full.slice(0, 10);
}

/** Local time with milliseconds: `14:02:11.042`. */
export function clockTime(date: Date): string {
  return `${dateTime(date).slice(11)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
