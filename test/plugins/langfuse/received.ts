import type { ReceivedRequest } from '../../kit/fault-server.ts';
import { decodeRequest, type Message, spansOf } from '../../kit/otlp.ts';

export const TRACES_PATH = '/api/public/otel/v1/traces';

/** The spans of a request; none for a request with scores, or for the probe. */
export function spansIn({ path, body }: ReceivedRequest): Message[] {
  return path === TRACES_PATH ? spansOf(decodeRequest('traces', body)) : [];
}

/** The spans that the server has taken. */
export function spansTaken(requests: readonly ReceivedRequest[]): Message[] {
  return requests.filter(({ isTaken }) => isTaken).flatMap(spansIn);
}

/** The ids of what a request holds: spans, or scores whichever way they came. */
export function idsIn(request: ReceivedRequest): string[] {
  if (request.path === TRACES_PATH) return spansIn(request).map(({ spanId }) => spanId);
  const body = JSON.parse(request.body.toString());
  const scores = body.batch?.map((envelope: { body: { id: string } }) => envelope.body) ?? [body].flat();
  return scores.map(({ id }: { id: string }) => id);
}
