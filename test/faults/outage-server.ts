import {
  hang,
  later,
  ok,
  type ReceivedRequest,
  reset,
  startFaultServer,
  status,
} from '../kit/fault-server.ts';
import { decodeRequest, spansOf } from '../kit/otlp.ts';

/** How a destination fails. */
export const OUTAGES = {
  refused: undefined,
  '503': status(503),
  '429, Retry-After in seconds': later(429, '3'),
  '429, Retry-After as a date': later(429, ''),
  'no answer': hang(),
  'reset after it was stored': reset({ afterTaking: true }),
} as const;

export type Outage = keyof typeof OUTAGES;

/** A destination of spans that fails for a while. */
export interface OutageServer {
  readonly url: string;
  /** Fails from now on. */
  fail(): Promise<void>;
  /** Takes everything again, at the same address. */
  recover(): Promise<void>;
  /** What it stored, in order: when, in milliseconds of `performance.now()`, and the names of the spans. */
  stored(): { at: number; names: string[] }[];
  /** Requests that came while it failed. */
  readonly refusals: number;
  close(): Promise<void>;
}

/** Starts one that works. */
export async function startOutageServer(outage: Outage): Promise<OutageServer> {
  const taken: { at: number; request: ReceivedRequest }[] = [];
  let server = await startFaultServer();
  let refusals = 0;
  const { url } = server;
  const work = () => {
    server.otherwise = (request, response) => {
      taken.push({ at: performance.now(), request });
      ok()(request, response);
    };
  };
  const failing = () => {
    server.otherwise = (request, response) => {
      refusals++;
      const answer = OUTAGES[outage];
      if (outage === '429, Retry-After as a date') later(429, inThreeSeconds())(request, response);
      else answer?.(request, response);
      if (request.isTaken) taken.push({ at: performance.now(), request });
    };
  };
  work();
  return {
    url,
    async fail() {
      if (outage === 'refused') await server.close();
      else failing();
    },
    async recover() {
      if (outage === 'refused') server = await startFaultServer(Number(new URL(url).port));
      work();
    },
    stored: () => taken.map(({ at, request }) => ({ at, names: namesIn(request) })),
    get refusals() {
      return refusals;
    },
    close: () => server.close(),
  };
}

function inThreeSeconds(): string {
  return new Date(Date.now() + 3_000).toUTCString();
}

function namesIn({ body }: ReceivedRequest): string[] {
  return spansOf(decodeRequest('traces', body)).map(({ name }) => name);
}
