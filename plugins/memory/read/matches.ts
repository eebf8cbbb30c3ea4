/** A time range of a query. */
export interface TimeRange {
  start?: Date | undefined;
  end?: Date | undefined;
  startExclusive?: boolean | undefined;
  endExclusive?: boolean | undefined;
}

/** Whether a time lies in a range; a range without ends has every time in it, and no time at all. */
export function isWithin(time: Date | undefined, range: TimeRange = {}): boolean {
  const { start, end, startExclusive, endExclusive } = range;
  if (!start && !end) return true;
  if (!time) return false;
  if (start && (startExclusive ? time <= start : time < start)) return false;
  return !(end && (endExclusive ? time >= end : time > end));
}

/** Whether the record has all of these values; one that is undefined is not asked for. */
export function hasAll(record: object, wanted: Readonly<Record<string, unknown>> = {}): boolean {
  return Object.entries(wanted).every(
    ([key, value]) => value === undefined || (Object.hasOwn(record, key) && record[key as never] === value),
  );
}

/** Whether a text is in one of the values, in upper or lower case; also as it is written inside of JSON. */
export function isFound(values: readonly unknown[], text: string | undefined): boolean {
  if (text === undefined) return true;
  const forms = [text, JSON.stringify(text).slice(1, -1)].map((form) => form.toLowerCase());
  return values.some((value) => {
    const shown = (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toLowerCase();
    return forms.some((form) => shown.includes(form));
  });
}
