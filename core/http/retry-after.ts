/**
 * The wait that an answer asks for, in milliseconds; undefined where it asks for none or says it unreadably.
 * `Retry-After` holds seconds or an HTTP date. A date is taken against the answer's own `Date`, so that a machine whose
 * clock is wrong waits as long as the destination meant; `nowMs` stands in where the answer has none.
 */
export function retryAfterMs(headers: Headers, nowMs = Date.now()): number | undefined {
  const asked = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(asked)) return Number(asked) * 1000;
  const until = /^[a-z]{3}/i.test(asked) ? Date.parse(asked) : Number.NaN;
  if (Number.isNaN(until)) return undefined;
  const sentAt = Date.parse(headers.get('date') ?? '');
  return Math.max(0, until - (Number.isNaN(sentAt) ? nowMs : sentAt));
}
