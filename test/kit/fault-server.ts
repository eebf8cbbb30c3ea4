import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** A request as it arrived. */
export interface ReceivedRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers: IncomingMessage['headers'];
  /** Unzipped. */
  body: Buffer;
  isZipped: boolean;
  /** Whether the server took what it was sent: its answer was a 2xx, or was lost on the way. */
  isTaken: boolean;
}

/** What the server does with one request. */
export type Answer = (request: ReceivedRequest, response: ServerResponse) => void;

/** An HTTP server on loopback that does to each request what a test says. */
export interface FaultServer {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** Everything that arrived, in order. */
  readonly requests: ReceivedRequest[];
  /** The next requests are answered by these, one each; then by {@link otherwise} again. */
  script(...answers: Answer[]): void;
  /** How a request is answered that the script says nothing about. Default: {@link ok}. */
  otherwise: Answer;
  /** Resolves when `count` requests have arrived in all. */
  received(count: number): Promise<void>;
  /** Breaks all connections and stops listening; the port is refused from then on. */
  close(): Promise<void>;
}

/** Starts a server, at any free port unless told otherwise. Close it at the end of the test. */
export async function startFaultServer(port = 0): Promise<FaultServer> {
  const requests: ReceivedRequest[] = [];
  const scripted: Answer[] = [];
  const server = createServer(async (incoming, response) => {
    const request = await receive(incoming).catch(() => undefined);
    if (!request) return;
    requests.push(request);
    const answer = scripted.shift() ?? faults.otherwise;
    answer(request, response);
    server.emit('received');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const faults: FaultServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    script: (...answers) => void scripted.push(...answers),
    otherwise: ok(),
    async received(count) {
      while (requests.length < count) await once(server, 'received');
    },
    async close() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
  return faults;
}

async function receive(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const sent = Buffer.concat(chunks);
  const isZipped = incoming.headers['content-encoding'] === 'gzip';
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: incoming.headers,
    body: isZipped ? gunzipSync(sent) : sent,
    isZipped,
    isTaken: false,
  };
}

/** What an answer says beside its status. */
export interface AnswerOptions {
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

/** Any status, with a JSON body of `{}` unless told otherwise. */
export function status(code: number, { headers = {}, body = '{}' }: AnswerOptions = {}): Answer {
  return (request, response) => {
    request.isTaken = code >= 200 && code < 300;
    response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(body);
  };
}

/** 200. A partial success is this with the body that the destination would send. */
export function ok(options?: AnswerOptions): Answer {
  return status(200, options);
}

/** 429 or 503 that asks to wait. */
export function later(code: 429 | 503, retryAfter: string): Answer {
  return status(code, { headers: { 'retry-after': retryAfter } });
}

/** One answer where the request is as asked, another where it is not: such as 400 for the batch that holds one id. */
export function when(
  is: (request: ReceivedRequest) => boolean,
  then: Answer,
  otherwise: Answer = ok(),
): Answer {
  return (request, response) => (is(request) ? then : otherwise)(request, response);
}

/** 200 with a login page. */
export function html(): Answer {
  const headers = { 'content-type': 'text/html; charset=utf-8' };
  return (request, response) => {
    status(200, { headers, body: '<!doctype html><title>Sign in</title>' })(request, response);
    request.isTaken = false;
  };
}

/** A redirect. */
export function redirect(location: string, code = 302): Answer {
  return status(code, { headers: { location }, body: '' });
}

/** Breaks the connection. `afterTaking`: what was sent has been stored by then, which the sender cannot know. */
export function reset({ afterTaking = false } = {}): Answer {
  return (request, { socket }) => {
    request.isTaken = afterTaking;
    socket?.resetAndDestroy();
  };
}

/** Never answers. `afterTaking` as for {@link reset}. */
export function hang({ afterTaking = false } = {}): Answer {
  return (request) => {
    request.isTaken = afterTaking;
  };
}

/**
 * 200 and a body of `bytes`, sent as fast as it is read; `onEnd` learns how many bytes went out before the other side
 * hung up. An announced length is a lie.
 */
export function huge(bytes: number, onEnd: (sent: number) => void = () => {}): Answer {
  return (request, response) => {
    request.isTaken = true;
    const chunk = Buffer.alloc(64 * 1024, 0x20);
    let sent = 0;
    const more = () => {
      while (sent < bytes && !response.destroyed) {
        sent += chunk.length;
        if (!response.write(chunk)) return void response.once('drain', more);
      }
      if (!response.destroyed) response.end();
    };
    response.once('close', () => onEnd(sent));
    response.writeHead(200, { 'content-type': 'application/json' });
    more();
  };
}
