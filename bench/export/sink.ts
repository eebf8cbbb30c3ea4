// Runs in a child process: an OTLP receiver that keeps what it gets, and counts the spans of it when asked.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { countSpans } from './count-spans.ts';

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

/** Spans and bytes since the last time. */
function count(): { spans: number; bytes: number } {
  const spans = bodies.reduce((sum, body) => sum + countSpans(body), 0);
  const bytes = bodies.reduce((sum, { length }) => sum + length, 0);
  bodies.length = 0;
  return { spans, bytes };
}
