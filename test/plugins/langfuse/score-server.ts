import type { Answer } from '../../kit/fault-server.ts';
import { status } from '../../kit/fault-server.ts';

/** Which ways of sending scores a server knows. */
export interface ScoreApi {
  array?: boolean;
  ingestion?: boolean;
  single?: boolean;
  /** Refuses scores with these ids. */
  refuses?: readonly string[];
}

type Score = { id: string };

/** Answers as a server of Langfuse of some version does; `store` gets the ids of the scores that it keeps. */
export function scoreApi({ array, ingestion, single, refuses = [] }: ScoreApi, store: string[] = []): Answer {
  const isFine = ({ id }: Score) => !refuses.includes(id);
  const keep = (scores: readonly Score[]) => store.push(...scores.filter(isFine).map(({ id }) => id));
  return (request, response) => {
    const answer = (code: number, body: unknown) =>
      status(code, { body: JSON.stringify(body) })(request, response);
    const body = JSON.parse(request.body.toString());
    if (request.path === '/api/public/ingestion') {
      if (!ingestion) return answer(404, { message: 'gone' });
      const scores: Score[] = body.batch.map((envelope: { body: Score }) => envelope.body);
      keep(scores);
      return answer(207, {
        successes: scores.filter(isFine).map(({ id }) => ({ id, status: 201 })),
        errors: scores
          .filter((score) => !isFine(score))
          .map(({ id }) => ({ id, status: 400, message: 'Invalid request data', error: `bad ${id}` })),
      });
    }
    if (request.path !== '/api/public/scores') return answer(404, { message: 'no such path' });
    if (!Array.isArray(body)) {
      if (!single) return answer(405, { message: 'not allowed' });
      keep([body]);
      return isFine(body) ? answer(200, { id: body.id }) : answer(400, { message: `bad ${body.id}` });
    }
    if (!array)
      return answer(400, { message: 'Invalid request data', error: 'expected object, received array' });
    const refused = body.filter((score: Score) => !isFine(score));
    keep(body);
    if (refused.length === 0) return answer(202, { message: 'accepted' });
    const errors = refused.map(({ id }: Score) => ({ message: `bad ${id}` }));
    answer(207, { accepted: body.length - refused.length, rejected: refused.length, errors });
  };
}
