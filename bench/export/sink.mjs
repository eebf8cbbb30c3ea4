// Runs in a child process: a server that takes everything, and tells what it was sent when it is asked.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { gunzipSync } from 'node:zlib';

const { opentelemetry } = createRequire(import.meta.url)('otlp-decoder/build/src/generated/root.js');
const Request = opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;

const received = [];

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (request.method === 'GET') return response.end(JSON.stringify(totals()));
  const isZipped = request.headers['content-encoding'] === 'gzip';
  const isJson = request.headers['content-type'].includes('json');
  received.push({ bytes: Buffer.concat(chunks), isZipped, isJson });
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
});

/** Read only now, so that nothing but receiving happens while the sender is measured. */
function totals() {
  let spans = 0;
  let bytes = 0;
  for (const { bytes: sent, isZipped, isJson } of received.splice(0)) {
    bytes += sent.length;
    const body = isZipped ? gunzipSync(sent) : sent;
    const { resourceSpans = [] } = isJson ? JSON.parse(body.toString()) : Request.decode(body);
    for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans += scope.spans.length;
  }
  return { spans, bytes };
}

server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
