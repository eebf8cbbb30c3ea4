// Runs in a child process: an OTLP receiver that keeps what it gets, and counts the spans of it when asked.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

const bodies: Buffer[] = [];

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  const isZipped = request.headers['content-encoding'] === 'gzip';
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    if (request.url === '/count') return void response.end(JSON.stringify(count()));
    bodies.push(isZipped ? gunzipSync(body) : body);
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.once('disconnect', () => process.exit());

/** Spans and bytes since the last time, without decoding: the fields of a request are counted down to the spans. */
function count(): { spans: number; bytes: number } {
  const spans = bodies.reduce((sum, body) => sum + countAt(body, [1, 2, 2]), 0);
  const bytes = bodies.reduce((sum, { length }) => sum + length, 0);
  bodies.length = 0;
  return { spans, bytes };
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
