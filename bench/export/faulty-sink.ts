// Runs in a child process: an OTLP receiver that is out of order in the way its parent says, until it says `work`.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { countSpans } from './count-spans.ts';
import type { Fault } from './faulty-receiver.ts';

let fault: Fault | 'work' = 'work';
let spans = 0;
let lastAt = 0;
let port = 0;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  const isZipped = request.headers['content-encoding'] === 'gzip';
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    if (fault !== 'work') return void refuse(response);
    const body = Buffer.concat(chunks);
    spans += countSpans(isZipped ? gunzipSync(body) : body);
    lastAt = Date.now();
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
});

function refuse(response: ServerResponse): void {
  if (fault === '503') response.writeHead(503).end();
  else if (fault === '429') response.writeHead(429, { 'retry-after': '5' }).end();
  // Without an answer otherwise.
}

process.on('message', (told: Fault | 'work' | 'count') => {
  if (told === 'count') return void process.send?.({ spans, lastAt });
  fault = told;
  if (told === 'refused') {
    server.closeAllConnections();
    server.close();
  } else if (!server.listening) server.listen(port, '127.0.0.1');
});
server.listen(0, '127.0.0.1', () => {
  ({ port } = server.address() as AddressInfo);
  process.send?.(port);
});
process.once('disconnect', () => process.exit());
