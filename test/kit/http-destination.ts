import { type Breakage, type Destination, type DestinationKind, LATE_MS } from './destination.ts';
import {
  type Answer,
  type FaultServer,
  hang,
  ok,
  type ReceivedRequest,
  reset,
  startFaultServer,
  status,
} from './fault-server.ts';

/** How an HTTP destination speaks. */
export interface HttpProtocol {
  /** The ids in a request; none for one that carries no events, as a probe. */
  idsOf(request: ReceivedRequest): readonly string[];
  /** The answer to a request that is taken, or carries no events. Default: 200 `{}`. */
  accept?: Answer;
  /** "Try again". Default: 503 with what it was sent, headers too, as some servers do. */
  retryable?: Answer;
  /** "Never". Default: 400, likewise. */
  permanent?: Answer;
  /** The answer that takes all but this id; absent where the destination has none. */
  partial?(refusedId: string): Answer;
}

/** An HTTP destination on loopback. */
export interface HttpDestination extends Destination {
  readonly server: FaultServer;
  /** Answers to the next requests with events, one each. */
  readonly next: Answer[];
  /** The answer by the ids of a request, once {@link next} is used up; undefined accepts. */
  rule: (ids: readonly string[]) => Answer | undefined;
  /** An id that is not taken although its request is answered by 2xx. */
  refused: string | undefined;
  restoreFetch: () => void;
}

/** A destination that speaks HTTP; the plugin under test uses `host.fetch`, so that its calls can be made to break. */
export function httpDestination(protocol: HttpProtocol): DestinationKind<HttpDestination> {
  const { retryable = echo(503), permanent = echo(400), partial } = protocol;
  return {
    start: () => startDestination(protocol),
    retryable: ({ next }) => void next.push(retryable),
    permanent(destination, id) {
      destination.rule = (ids) => (ids.includes(id) ? permanent : undefined);
    },
    slow: ({ next }) => void next.push(hang()),
    ambiguous: ({ next }) => void next.push(reset({ afterTaking: true })),
    breaking(destination, how) {
      destination.restoreFetch = breakFetch(destination.address, how);
    },
    ...(partial && {
      partial(destination: HttpDestination, id: string) {
        destination.refused = id;
        destination.rule = (ids) => (ids.includes(id) ? partial(id) : undefined);
      },
    }),
  };
}

async function startDestination({ idsOf, accept = ok() }: HttpProtocol): Promise<HttpDestination> {
  const server = await startFaultServer();
  const withEvents = () => server.requests.filter((request) => idsOf(request).length > 0);
  const destination: HttpDestination = {
    server,
    address: server.url,
    next: [],
    rule: () => undefined,
    refused: undefined,
    restoreFetch() {},
    taken: () =>
      withEvents()
        .filter(({ isTaken }) => isTaken)
        .flatMap((request) => idsOf(request))
        .filter((id) => id !== destination.refused),
    arrivals: () => withEvents().length,
    async close() {
      destination.restoreFetch();
      await server.close();
    },
  };
  server.otherwise = (request, response) => {
    const ids = idsOf(request);
    const answer = ids.length === 0 ? accept : (destination.next.shift() ?? destination.rule(ids) ?? accept);
    answer(request, response);
  };
  return destination;
}

/** A refusal that repeats the request. */
function echo(code: number): Answer {
  return (request, response) => {
    const { headers, path } = request;
    status(code, { body: JSON.stringify({ error: 'refused', path, headers }) })(request, response);
  };
}

/** Breaks the next fetch that goes to this address; the function that it gives restores fetch. */
function breakFetch(address: string, how: Breakage): () => void {
  const before = globalThis.fetch;
  const failure = new Error(`fetch breaks: ${how}`);
  const restore = () => {
    globalThis.fetch = before;
  };
  globalThis.fetch = (...args) => {
    const url = args[0] instanceof Request ? args[0].url : String(args[0]);
    if (!url.startsWith(address)) return before(...args);
    restore();
    if (how === 'sync') throw failure;
    if (how === 'async') return Promise.reject(failure);
    return new Promise((_, reject) => setTimeout(reject, LATE_MS, failure));
  };
  return restore;
}
