import type { FaultServer } from '../../kit/fault-server.ts';
import { decodeRequest, logsOf, type Message, spansOf } from '../../kit/otlp.ts';

/** The spans that arrived at a path over OTLP, in either encoding. */
export function spansAt(server: FaultServer, path = '/v1/traces'): Message[] {
  return requestsTo(server, path).flatMap(({ body, isJson }) =>
    spansOf(withoutEmpty(decodeRequest('traces', body, isJson))),
  );
}

/** The log records that arrived over OTLP. */
export function logsAt(server: FaultServer, path = '/v1/logs'): Message[] {
  return requestsTo(server, path).flatMap(({ body, isJson }) =>
    logsOf(withoutEmpty(decodeRequest('logs', body, isJson))),
  );
}

function requestsTo(server: FaultServer, path: string) {
  return server.requests
    .filter((request) => request.path === path)
    .map(({ body, headers }) => ({ body, isJson: headers['content-type'] === 'application/json' }));
}

/** The span with an id. @throws when there is not exactly one. */
export function spanWithId(spans: Message[], id: string): Message {
  const found = spans.filter((span) => span['spanId'] === id);
  if (found.length !== 1) throw new Error(`${found.length} spans have the id ${id}`);
  return found[0]!;
}

/** Vendors send attributes without a value; what matters here is what arrived. */
function withoutEmpty<V>(message: V): V {
  if (Array.isArray(message)) return message.filter((item) => !isEmpty(item)).map(withoutEmpty) as V;
  if (typeof message !== 'object' || message === null) return message;
  return Object.fromEntries(Object.entries(message).map(([key, value]) => [key, withoutEmpty(value)])) as V;
}

function isEmpty(item: unknown): boolean {
  const { key, value } = item as { key?: string; value?: object | null };
  return key !== undefined && (!value || Object.keys(value).length === 0);
}
