import { type Answer, ok, type ReceivedRequest } from '../../kit/fault-server.ts';

/** The ids of the rows that a request is about. */
export function idsOf({ body }: ReceivedRequest): string[] {
  const { events, feedback } = body.length > 0 ? JSON.parse(body.toString()) : {};
  return ((events ?? feedback ?? []) as { id: string }[]).map(({ id }) => id);
}

/** The answer to any operation; an insert confirms its rows but one, if that is to be refused. */
export const confirm =
  (refused?: string): Answer =>
  (request, response) => {
    const row_ids = idsOf(request).filter((id) => id !== refused);
    ok({ body: JSON.stringify({ id: 'project', status: 'success', row_ids }) })(request, response);
  };
