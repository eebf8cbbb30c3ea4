/** Rows or items that go in one request, with their places in the whole list. */
export interface Request {
  from: number;
  /** JSON texts. */
  items: string[];
  /** Bytes of the items. */
  bytes: number;
}

/** Rows or items of one request. */
const MAX_ITEMS = 100;

/** Divides JSON texts, in their order, into requests of at most 100 and of bounded bytes; a larger one goes alone. */
export function requestsOf(texts: readonly string[], maxBytes: number): Request[] {
  const requests: Request[] = [];
  let current: Request | undefined;
  texts.forEach((text, index) => {
    const bytes = Buffer.byteLength(text) + 1;
    if (!current || current.items.length >= MAX_ITEMS || current.bytes + bytes > maxBytes) {
      current = { from: index, items: [], bytes: 0 };
      requests.push(current);
    }
    current.items.push(text);
    current.bytes += bytes;
  });
  return requests;
}
