import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

/** A destination in a process of its own that takes everything and keeps nothing: as little work as there can be. */
export async function startDrain(): Promise<{ url: string; close(): void }> {
  const child = fork(fileURLToPath(import.meta.url), ['drain']);
  const [port] = await once(child, 'message');
  return { url: `http://127.0.0.1:${port}`, close: () => void child.kill() };
}

function drain(): void {
  const server = createServer((request, response) => {
    request
      .resume()
      .on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
  process.once('disconnect', () => process.exit());
}

if (process.argv[2] === 'drain') drain();
