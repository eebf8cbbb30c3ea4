import { type Answer, type FaultServer, startFaultServer, status } from '../../kit/fault-server.ts';
import { feedbackProblems, rowProblems } from './row-rules.ts';

export const API_KEY = 'bt-canary+/= key';
export const PROJECT_ID = 'p 1';

/** A row as the server has it. */
export type StoredRow = { id: string } & Record<string, unknown>;

/** A stand-in for Braintrust: it refuses what the rules of rows refuse, and replaces and merges rows by their id. */
export interface BraintrustServer extends FaultServer {
  readonly rows: Map<string, StoredRow>;
  readonly comments: { id: string; comment: string }[];
  /** Names of the projects that were asked for, in order. */
  readonly projects: string[];
  /** Requests to one operation, by what they held, in order. */
  sent(operation: 'insert' | 'feedback'): StoredRow[][];
  /** The stand-in's own answer, for a script that only wants to watch or to delay. */
  readonly answer: Answer;
}

/** Whatever one of the operations is sent. */
type Body = { name?: string; events?: StoredRow[]; feedback?: StoredRow[] };

/** Starts a stand-in. Close it at the end of the test. */
export async function startBraintrust(): Promise<BraintrustServer> {
  const faults = await startFaultServer();
  const rows = new Map<string, StoredRow>();
  const comments: { id: string; comment: string }[] = [];
  const projects: string[] = [];

  const operations: Record<string, (body: Body) => Answer> = {
    'POST /v1/project': ({ name = '' }) => {
      projects.push(name);
      return json({ id: PROJECT_ID, name });
    },
    [`GET /v1/project/${encodeURIComponent(PROJECT_ID)}`]: () => json({ id: PROJECT_ID }),
    [`POST ${pathOf('insert')}`]: ({ events = [] }) => {
      const problems = events.flatMap((row) => rowProblems(row).map((problem) => `${row.id}: ${problem}`));
      if (problems.length > 0) return json({ error: problems.join('; ') }, 400);
      for (const row of events) rows.set(row.id, stored(row, rows.get(row.id)));
      return json({ row_ids: events.map(({ id }) => id) });
    },
    [`POST ${pathOf('feedback')}`]: ({ feedback = [] }) => {
      const problems = feedback.flatMap(feedbackProblems);
      if (problems.length > 0) return json({ error: problems.join('; ') }, 400);
      for (const { id, comment, source: _, metadata: __, ...values } of feedback) {
        rows.set(id, stored({ id, _is_merge: true, ...values }, rows.get(id)));
        if (comment !== undefined) comments.push({ id, comment: comment as string });
      }
      return json({ status: 'success' });
    },
  };

  const answer: Answer = (request, response) => {
    const operation = operations[`${request.method} ${request.path}`];
    const isKnown = request.headers.authorization === `Bearer ${API_KEY}`;
    if (!isKnown) return status(401, { body: 'invalid key' })(request, response);
    if (!operation) return status(404, { body: 'no such path' })(request, response);
    operation(request.body.length > 0 ? JSON.parse(request.body.toString()) : {})(request, response);
  };
  faults.otherwise = answer;
  const sent = (operation: 'insert' | 'feedback') =>
    faults.requests
      .filter(({ path }) => path === pathOf(operation))
      .map(({ body }) => Object.values(JSON.parse(body.toString()) as object)[0] as StoredRow[]);
  return Object.assign(faults, { rows, comments, projects, sent, answer });
}

/** The path of an operation on the logs of the stand-in's one project. */
export function pathOf(operation: 'insert' | 'feedback'): string {
  return `/v1/project_logs/${encodeURIComponent(PROJECT_ID)}/${operation}`;
}

function json(body: object, code = 200): Answer {
  return status(code, { body: JSON.stringify(body) });
}

/** A row replaces the one with its id, unless it is to be merged into it. */
function stored({ _is_merge, ...row }: StoredRow, before: StoredRow | undefined): StoredRow {
  return _is_merge ? (merged(before ?? {}, row) as StoredRow) : row;
}

function merged(before: unknown, after: unknown): unknown {
  if (!isRecord(before) || !isRecord(after)) return after;
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const entries = keys.map((key) => [key, key in after ? merged(before[key], after[key]) : before[key]]);
  return Object.fromEntries(entries);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
