// Runs in a child process: a server that answers what Braintrust's client and ours ask for, takes every row, and tells
// how many spans and bytes there were when it is asked.
import { createServer } from 'node:http';

/** The id of a row; nothing else in these bodies is called so. */
const ROW = /"id":"([0-9a-f]{16})"/g;

let bodies = [];

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer(request, body)));
});

function answer({ url, headers }, body) {
  if (url === '/') return totals();
  if (url === '/api/apikey/login') {
    const address = `http://${headers.host}`;
    return { org_info: [{ id: 'org', name: 'org', api_url: address, proxy_url: address }] };
  }
  if (url === '/api/project/register') return { project: { id: 'project', name: 'bench' } };
  if (url === '/v1/project') return { id: 'project' };
  if (url.endsWith('/insert')) {
    bodies.push(body);
    return { row_ids: Array.from(body.latin1Slice().matchAll(ROW), ([, id]) => id) };
  }
  if (url === '/logs3') bodies.push(body);
  return {};
}

/** A span of the vendor's client is two rows of the same id. */
function totals() {
  const ids = new Set();
  let bytes = 0;
  for (const body of bodies) {
    bytes += body.length;
    for (const [, id] of body.latin1Slice().matchAll(ROW)) ids.add(id);
  }
  bodies = [];
  return { spans: ids.size, bytes };
}

server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
