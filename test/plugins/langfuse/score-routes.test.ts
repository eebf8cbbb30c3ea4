import { expect } from 'chai';
import { LangfuseClient } from '../../../plugins/langfuse/client.ts';
import { langfuseOptions } from '../../../plugins/langfuse/options.ts';
import {
  type ScoreRoute,
  ScoreRoutes,
  type TimedScore,
} from '../../../plugins/langfuse/send/score-routes.ts';
import { type FaultServer, later, reset, startFaultServer, status } from '../../kit/fault-server.ts';
import { type ScoreApi, scoreApi } from './score-server.ts';

const TIMESTAMP = '2026-01-02T03:04:05.678Z';

const scoresOf = (...ids: string[]): TimedScore[] =>
  ids.map((id) => ({
    score: { id, name: 'relevance', dataType: 'NUMERIC', value: 1, traceId: 'a'.repeat(32) },
    timestamp: TIMESTAMP,
  }));

describe('the ways of a score to Langfuse', () => {
  let server: FaultServer;
  let stored: string[];
  const context = { batchId: 'b-1', abortSignal: new AbortController().signal };

  beforeEach(async () => {
    server = await startFaultServer();
    stored = [];
  });
  afterEach(() => server.close());

  function routesTo(api: ScoreApi, fixed?: ScoreRoute): ScoreRoutes {
    server.otherwise = scoreApi(api, stored);
    const options = langfuseOptions.parse({ publicKey: 'pk', secretKey: 'sk', baseUrl: server.url });
    return new ScoreRoutes(new LangfuseClient(options, fetch, '1.2.3'), fixed);
  }

  /** The ways that were tried since the last call. */
  function tried(): string[] {
    return server.requests.splice(0).map(({ path, body }) => {
      if (path === '/api/public/ingestion') return 'ingestion';
      return body[0] === 0x5b ? 'array' : 'single';
    });
  }

  const failureOf = (sent: Promise<unknown>) =>
    sent.then(
      () => undefined,
      (error: unknown) => error,
    );

  const servers: [string, ScoreApi, string[], string[]][] = [
    ['takes arrays', { array: true, ingestion: true, single: true }, ['array'], ['array']],
    ['takes the ingestion API', { ingestion: true, single: true }, ['array', 'ingestion'], ['ingestion']],
    [
      'takes single scores only',
      { single: true },
      ['array', 'ingestion', 'single', 'single'],
      ['single', 'single'],
    ],
  ];
  for (const [what, api, first, second] of servers)
    it(`are tried in order and remembered, for a server that ${what}`, async () => {
      const routes = routesTo(api);
      expect(await routes.send(scoresOf('1', '2'), context)).to.deep.equal([]);
      expect(tried()).to.deep.equal(first);
      expect(await routes.send(scoresOf('3', '4'), context)).to.deep.equal([]);
      expect(tried()).to.deep.equal(second);
      expect(stored).to.deep.equal(['1', '2', '3', '4']);
    });

  it('are tried anew when the one that worked is gone', async () => {
    const routes = routesTo({ ingestion: true });
    await routes.send(scoresOf('1'), context);
    tried();
    server.otherwise = scoreApi({ single: true }, stored);
    await routes.send(scoresOf('2'), context);
    expect(tried()).to.deep.equal(['ingestion', 'array', 'single']);
    await routes.send(scoresOf('3'), context);
    expect(tried()).to.deep.equal(['single']);
    expect(stored).to.deep.equal(['1', '2', '3']);
  });

  it('end nowhere at an address that has none of them', async () => {
    expect(await failureOf(routesTo({}).send(scoresOf('1'), context))).to.have.property(
      'name',
      'DestinationError',
    );
    expect(tried()).to.deep.equal(['array', 'ingestion', 'single']);
  });

  it('are not tried where the keys are wrong', async () => {
    const routes = routesTo({ array: true });
    server.script(status(401));
    expect(await failureOf(routes.send(scoresOf('1'), context))).to.have.property('name', 'DestinationError');
    expect(tried()).to.deep.equal(['array']);
  });

  it('are one only where the options say so', async () => {
    const routes = routesTo({ array: true, ingestion: true }, 'ingestion');
    await routes.send(scoresOf('1'), context);
    expect(tried()).to.deep.equal(['ingestion']);
    server.otherwise = scoreApi({ array: true });
    expect(await failureOf(routes.send(scoresOf('2'), context))).to.have.property('name', 'DestinationError');
    expect(tried()).to.deep.equal(['ingestion']);
  });

  it('name what was refused by the index of the score: ingestion', async () => {
    const routes = routesTo({ ingestion: true, refuses: ['2'] });
    expect(await routes.send(scoresOf('1', '2', '3'), context)).to.deep.equal([
      { index: 1, reason: 'Invalid request data: bad 2' },
    ]);
    expect(stored).to.deep.equal(['1', '3']);
  });

  it('name what was refused by the index of the score: one by one', async () => {
    const [refused, ...others] = await routesTo({ single: true, refuses: ['2'] }).send(
      scoresOf('1', '2', '3'),
      context,
    );
    expect(refused).to.include({ index: 1 });
    expect(refused?.reason).to.include('HTTP 400').and.include('bad 2');
    expect(others).to.deep.equal([]);
    expect(stored).to.deep.equal(['1', '3']);
  });

  it('let a batch be divided when an array is refused in part: the answer does not say which', async () => {
    const routes = routesTo({ array: true, refuses: ['2'] });
    const failure = await failureOf(routes.send(scoresOf('1', '2'), context));
    expect(failure).to.have.property('name', 'PermanentError');
    expect(failure).to.have.property('message').that.includes('1 of 2').and.includes('bad 2');
    expect(await routes.send(scoresOf('1'), context)).to.deep.equal([]);
    expect(await routes.send(scoresOf('2'), context)).to.deep.equal([{ index: 0, reason: 'bad 2' }]);
  });

  it('are not given up for a wrong score', async () => {
    const routes = routesTo({ array: true, ingestion: true });
    await routes.send(scoresOf('1'), context);
    tried();
    server.script(status(400));
    expect(await failureOf(routes.send(scoresOf('2', '3'), context))).to.have.property(
      'name',
      'PermanentError',
    );
    expect(tried()).to.deep.equal(['array']);
    await routes.send(scoresOf('4'), context);
    expect(tried()).to.deep.equal(['array']);
  });

  it('are not believed for an answer that refused everything', async () => {
    const routes = routesTo({ ingestion: true, refuses: ['1'] });
    expect(await routes.send(scoresOf('1'), context)).to.have.length(1);
    tried();
    await routes.send(scoresOf('2'), context);
    expect(tried()).to.deep.equal(['array', 'ingestion']);
  });

  it('wait as the server asks, and go on behind the scores that it has', async () => {
    const routes = routesTo({ single: true }, 'single');
    server.script(status(200), later(429, '7'));
    expect(await failureOf(routes.send(scoresOf('1', '2', '3'), context))).to.include({
      name: 'RetryableError',
      retryAfterMs: 7_000,
    });
    tried();
    expect(await routes.send(scoresOf('1', '2', '3'), context)).to.deep.equal([]);
    expect(stored).to.deep.equal(['2', '3']);
  });

  it('repeat a score as it was, with its id and its time, when it is not known whether it arrived', async () => {
    const routes = routesTo({ ingestion: true }, 'ingestion');
    server.script(reset({ afterTaking: true }));
    expect(await failureOf(routes.send(scoresOf('1'), context))).to.have.property('name', 'AmbiguousError');
    expect(await routes.send(scoresOf('1'), context)).to.deep.equal([]);
    const [first, second] = server.requests.map(({ body }) => body.toString());
    expect(first).to.equal(second);
    expect(JSON.parse(first!).batch[0]).to.deep.include({
      id: '1',
      type: 'score-create',
      timestamp: TIMESTAMP,
    });
  });

  const strange: [string, unknown, string][] = [
    [
      'a score that the server failed on',
      { successes: [], errors: [{ id: '1', status: 500, message: 'down' }] },
      'RetryableError',
    ],
    ['no lists', { fine: true }, 'RetryableError'],
    ['no JSON', 'x', 'RetryableError'],
  ];
  for (const [what, body, name] of strange)
    it(`are tried again for an answer with ${what}`, async () => {
      const routes = routesTo({ ingestion: true }, 'ingestion');
      server.script(status(207, { body: typeof body === 'string' ? body : JSON.stringify(body) }));
      expect(await failureOf(routes.send(scoresOf('1'), context))).to.have.property('name', name);
    });

  it('let a batch be divided when the server failed on one of its scores', async () => {
    const routes = routesTo({ ingestion: true }, 'ingestion');
    const body = {
      successes: [{ id: '1', status: 201 }],
      errors: [{ id: '2', status: 500, message: 'down' }],
    };
    server.script(status(207, { body: JSON.stringify(body) }));
    const failure = await failureOf(routes.send(scoresOf('1', '2'), context));
    expect(failure).to.have.property('name', 'PermanentError');
    expect(failure).to.have.property('message').that.includes('down');
  });

  it('refuse a score that the answer does not name', async () => {
    const routes = routesTo({ ingestion: true }, 'ingestion');
    server.script(
      status(207, { body: JSON.stringify({ successes: [{ id: '1', status: 201 }], errors: [] }) }),
    );
    expect(await routes.send(scoresOf('1', '2'), context)).to.deep.equal([
      { index: 1, reason: 'the answer of Langfuse does not name it' },
    ]);
  });

  it('carry the keys, the name of this library, and JSON', async () => {
    await routesTo({ array: true }).send(scoresOf('1'), context);
    expect(server.requests[0]?.headers).to.include({
      authorization: `Basic ${Buffer.from('pk:sk').toString('base64')}`,
      'content-type': 'application/json',
      'x-langfuse-sdk-name': 'obs-kit',
      'x-langfuse-sdk-version': '1.2.3',
    });
  });
});
