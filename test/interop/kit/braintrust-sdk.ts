import { BraintrustState, initLogger, type Logger } from 'braintrust';
import { ok } from '../../kit/fault-server.ts';
import { type BraintrustServer, startBraintrust } from '../../plugins/braintrust/server.ts';

/** A row as the vendor's own client writes it: several for a span, merged by their id on the server. */
export type SdkRow = { id: string } & Record<string, unknown>;

/** The vendor's client and ours on one server. */
export interface BraintrustSdk {
  server: BraintrustServer;
  logger: Logger<true>;
  /** What the client has written so far, merged by id as the server would do it. */
  rows(): Promise<Map<string, SdkRow>>;
}

/** Starts a stand-in that also knows what the vendor's client asks for: login, project, rows. */
export async function startBraintrustSdk(): Promise<BraintrustSdk> {
  const server = await startBraintrust();
  const answers: Record<string, object> = {
    '/api/apikey/login': {
      org_info: [{ id: 'org', name: 'org', api_url: server.url, proxy_url: server.url }],
    },
    '/api/project/register': { project: { id: 'project', name: 'sdk' } },
    '/version': {},
    '/logs3': { ids: [] },
  };
  server.otherwise = (request, response) => {
    const answer = answers[request.path];
    if (answer) ok({ body: JSON.stringify(answer) })(request, response);
    else server.answer(request, response);
  };
  const login = { apiKey: 'sdk', appUrl: server.url, noExitFlush: true };
  const state = new BraintrustState(login);
  const logger = initLogger({ state, ...login, projectName: 'sdk', setCurrent: false });
  const rows = async () => {
    await logger.flush();
    return merged(
      server.requests
        .filter(({ path }) => path === '/logs3')
        .flatMap(({ body }) => JSON.parse(body.toString()).rows as SdkRow[]),
    );
  };
  return { server, logger, rows };
}

function merged(rows: readonly SdkRow[]): Map<string, SdkRow> {
  const whole = new Map<string, SdkRow>();
  for (const row of rows) whole.set(row.id, joined(whole.get(row.id) ?? {}, row) as SdkRow);
  return whole;
}

function joined(before: unknown, after: unknown): unknown {
  if (!isRecord(before) || !isRecord(after)) return after;
  const added = Object.entries(after).map(([key, value]) => [key, joined(before[key], value)]);
  return { ...before, ...Object.fromEntries(added) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
