/** How many spans there are in an OTLP request, without decoding: its fields are counted down to the spans. */
export function countSpans(request: Uint8Array): number {
  return countAt(request, [1, 2, 2]);
}

/** How many messages there are at a path of field numbers. */
function countAt(message: Uint8Array, [field, ...inner]: number[]): number {
  let found = 0;
  for (let at = 0; at < message.length; ) {
    let tag: number;
    [tag, at] = varint(message, at);
    if ((tag & 7) !== 2) throw new Error(`wire type ${tag & 7} was not expected`);
    let length: number;
    [length, at] = varint(message, at);
    if (tag >> 3 === field)
      found += inner.length === 0 ? 1 : countAt(message.subarray(at, at + length), inner);
    at += length;
  }
  return found;
}

function varint(message: Uint8Array, from: number): [value: number, next: number] {
  let value = 0;
  for (let at = from, factor = 1; ; at++, factor *= 128) {
    const byte = message[at]!;
    value += (byte & 127) * factor;
    if (byte < 128) return [value, at + 1];
  }
}
