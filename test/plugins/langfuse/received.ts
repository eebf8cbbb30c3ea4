import { type Answer, ok, type ReceivedRequest, status } from '../../kit/fault-server.ts';
import { decodeRequest, encodeResponse, type Message, spansOf } from '../../kit/otlp.ts';

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

/** The answer to spans of which one is bad; OTLP does not say which. */
export const refusedSpan: Answer = ok({
  headers: { 'content-type': 'application/x-protobuf' },
  body: encodeResponse('traces', { partialSuccess: { rejectedSpans: 1, errorMessage: 'one was bad' } }),
});

/** What the ingestion API says of a batch of which one score is bad, or none. */
export const ingested =
  (refused?: string): Answer =>
  (request, response) => {
    const ids = idsIn(request);
    const body = {
      successes: ids.filter((id) => id !== refused).map((id) => ({ id, status: 201 })),
      errors: ids.filter((id) => id === refused).map((id) => ({ id, status: 400, message: 'it is bad' })),
    };
    status(207, { body: JSON.stringify(body) })(request, response);
  };
