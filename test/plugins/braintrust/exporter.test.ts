import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { DeliveryOptions } from '../../../core/index.ts';
import { BraintrustExporter, type BraintrustOptions } from '../../../plugins/braintrust/index.ts';
import { later, type ReceivedRequest, reset, status, when } from '../../kit/fault-server.ts';
import { type ConfigPatch, createTestHost, type TestHost } from '../../kit/host.ts';
import { ended, feedback, root, rootId, score, span, spanId, traceId } from './events.ts';
import { braintrustHost } from './host.ts';
import { API_KEY, type BraintrustServer, PROJECT_ID, pathOf, startBraintrust } from './server.ts';

describe('the braintrust exporter', () => {
  let server: BraintrustServer;
  const hosts: TestHost[] = [];
  const directories: string[] = [];
  beforeEach(async () => {
    server = await startBraintrust();
  });
  afterEach(async () => {
    await server.close();
    for (const { obs } of hosts.splice(0)) await obs.shutdown({ deadlineMs: 50 });
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
  });

  async function started(
    options: BraintrustOptions = {},
    delivery: DeliveryOptions = {},
    config: ConfigPatch = {},
  ) {
    const host = braintrustHost(server.url, options, delivery, config);
    hosts.push(host);
    await host.start();
    return host;
  }
  const scratch = () => {
    const directory = mkdtempSync(join(tmpdir(), 'obs-braintrust-'));
    directories.push(directory);
    return directory;
  };
  const countsOf = ({ obs }: TestHost) => obs.diagnostics().plugins['cloud']!.signals;
  /** The answer to the next insert waits until the test lets it go. */
  function heldInsert() {
    let release = () => {};
    const isHeld = new Promise<void>((resolve) => {
      release = resolve;
    });
    const arrived = new Promise<void>((resolve) => {
      server.otherwise = (request, response) => {
        if (request.path !== pathOf('insert')) return server.answer(request, response);
        server.otherwise = server.answer;
        resolve();
        void isHeld.then(() => server.answer(request, response));
      };
    });
    return { arrived, release };
  }

  it('writes one row for each span, to a project that is asked for once', async () => {
    const { obs } = await started();
    const agent = obs.startSpan({ name: 'agent', type: 'agent_run', input: 'hi' });
    const tool = agent.createChildSpan({ name: 'look', type: 'tool_call' });
    tool.end({ output: 'there' });
    agent.end({ output: 'done' });
    await obs.flush();
    expect(server.projects).to.deep.equal(['test-service']);
    expect([...server.rows.keys()]).to.have.members([agent.id, tool.id]);
    expect(server.rows.get(tool.id)).to.deep.include({ span_parents: [agent.id], output: 'there' });
    expect(server.rows.get(agent.id)).to.deep.include({ root_span_id: agent.traceId, input: 'hi' });
    expect(server.sent('insert').flat()).to.have.lengthOf(2);
  });

  it('does the same when it is registered by hand', async () => {
    const host = createTestHost();
    hosts.push(host);
    await host.start();
    host.obs.registerExporter(
      new BraintrustExporter({ apiUrl: server.url, apiKey: API_KEY, projectName: 'p' }),
    );
    const agent = host.obs.startSpan({ name: 'agent' });
    host.obs.addScore({ traceId: agent.traceId, scorerId: 'early', score: 1 });
    agent.end();
    await host.obs.flush();
    expect(server.projects).to.deep.equal(['p']);
    expect(server.rows.get(agent.id)).to.deep.include({ scores: { early: 1 } });
  });

  it('keeps scores, corrections and metadata that went ahead of their row', async () => {
    const { obs } = await started();
    const agent = obs.startSpan({ name: 'agent', metadata: { attempt: 1 } });
    obs.addScore({ traceId: agent.traceId, spanId: agent.id, scorerId: 'early', score: 0.5 });
    obs.addScore({ traceId: agent.traceId, spanId: agent.id, scorerId: 'mood', label: 'calm' });
    obs.addFeedback({ traceId: agent.traceId, feedbackType: 'correction', value: 'better' });
    await obs.flush();
    expect(server.rows.get(agent.id)).to.deep.include({ scores: { early: 0.5 }, expected: 'better' });
    agent.end();
    await obs.flush();
    expect(server.rows.get(agent.id)).to.deep.include({
      scores: { early: 0.5 },
      expected: 'better',
      metadata: {
        attempt: 1,
        environment: 'test',
        service_name: 'test-service',
        scores: { mood: { label: 'calm' } },
      },
    });
  });

  it('says a score again that overtook its row', async () => {
    const host = await started();
    const { arrived, release } = heldInsert();
    await host.ingest([ended(root())]);
    const flushed = host.obs.flush();
    await arrived;
    await host.ingest([score({ score: 0.25 }, { spanId: rootId })]);
    while (server.sent('feedback').length === 0) await server.received(server.requests.length + 1);
    release();
    await flushed;
    await host.obs.flush();
    expect(server.rows.get(rootId)).to.deep.include({ scores: { relevance: 0.25 } });
  });

  it('writes a row again whose answer was lost, with the scores it got meanwhile', async () => {
    const { obs, ingest } = await started({ projectId: PROJECT_ID, probe: false });
    server.script((request, response) => {
      server.answer(request, { writeHead: () => ({ end() {} }) } as never);
      reset({ afterTaking: true })(request, response);
    });
    await ingest([ended(root()), score({ score: 1 }, { spanId: rootId })]);
    await obs.flush();
    expect(server.sent('insert')).to.have.lengthOf.above(1);
    expect(server.rows.size).to.equal(1);
    expect(server.rows.get(rootId)).to.deep.include({ scores: { relevance: 1 }, span_id: rootId });
  });

  it('puts scores and feedback of a trace on its root', async () => {
    const host = await started();
    await host.ingest([ended(root()), ended(span())]);
    await host.obs.flush();
    const onTrace = { spanId: undefined };
    await host.ingest([score({ score: 1 }, onTrace), feedback({ comment: 'good' }, onTrace)]);
    await host.obs.flush();
    expect(server.rows.get(rootId)).to.deep.include({ scores: { relevance: 1, thumbs: 1 } });
    expect(server.comments).to.deep.equal([{ id: rootId, comment: 'good' }]);
  });

  it('refuses a score of a trace that it knows nothing about, and says what would help', async () => {
    const host = await started();
    const lost = score({ score: 1 }, { spanId: undefined });
    await host.ingest([
      lost,
      score({ score: 1 }),
      score({ score: 1 }, { spanId: undefined, traceId: undefined }),
    ]);
    await host.obs.flush();
    expect(countsOf(host).scores).to.deep.include({ accepted: 3, delivered: 1 });
    expect(countsOf(host).scores!.dropped).to.deep.include({ rejected: 2 });
    expect(server.rows.has(spanId)).to.equal(true);
    expect(host.warnings.join()).to.include(`trace ${traceId} only`).and.to.include('give its spanId');
  });

  it('keeps a number that is no score as metadata, and says so once', async () => {
    const host = await started();
    await host.ingest([ended(span()), score({ score: 87 }), score({ score: 88, reason: 'long' })]);
    await host.obs.flush();
    const metadata = server.rows.get(spanId)!['metadata'] as Record<string, unknown>;
    expect(metadata['scores']).to.deep.equal({ relevance: { score: 88, reason: 'long' } });
    expect(host.warnings.filter((line) => line.includes('"relevance" gave 87'))).to.have.lengthOf(1);
    expect(host.warnings.filter((line) => line.includes('scoreRanges'))).to.have.lengthOf(1);
  });

  it('sends at most 100 rows and the bytes of the option in one request', async () => {
    const host = await started({ maxRequestBytes: 50_000 }, { maxItems: 1_000, maxDelayMs: 50 });
    const ids = Array.from({ length: 250 }, (_, index) => index.toString(16).padStart(16, '0'));
    await host.ingest(
      ids.map((id, index) => ended(span({ id, input: index > 200 ? 'x'.repeat(9_000) : 1 }))),
    );
    await host.obs.flush();
    expect([...server.rows.keys()].sort()).to.deep.equal(ids);
    const inserts = server.requests.filter(({ path }) => path === pathOf('insert'));
    expect(Math.max(...server.sent('insert').map((rows) => rows.length))).to.equal(100);
    expect(Math.max(...inserts.map(({ body }) => body.length))).to.be.within(40_000, 50_200);
  });

  it('truncates a row that is too large for any request, visibly', async () => {
    const host = await started({ maxRequestBytes: 20_000 });
    await host.ingest([ended(span({ input: 'é'.repeat(40_000), output: 'kept' }))]);
    await host.obs.flush();
    const row = server.rows.get(spanId)!;
    expect(row).to.deep.include({ output: 'kept' });
    expect((row['input'] as string).length).to.be.within(5_000, 10_000);
    expect(row['metadata']).to.deep.equal({
      obs_truncated: [{ path: 'input', reason: 'bytes', size: 80_002 }],
    });
  });

  it('makes requests smaller after 413, and truncates a row that is refused alone', async () => {
    const host = await started();
    const isLarge = ({ body }: { body: Buffer }) => body.length > 30_000;
    server.otherwise = when(isLarge, status(413), server.answer);
    const small = Array.from({ length: 60 }, (_, index) =>
      ended(span({ id: `${index}`.padStart(16, '0'), input: 'x'.repeat(900) })),
    );
    await host.ingest([...small, ended(span({ input: { text: 'y'.repeat(200_000) } }))]);
    await host.obs.flush();
    expect(server.rows.size).to.equal(61);
    expect(server.rows.get('0'.repeat(16))).to.deep.include({ input: 'x'.repeat(900) });
    expect(server.rows.get(spanId)!['metadata']).to.have.property('obs_truncated').with.lengthOf(1);
    expect(countsOf(host).tracing).to.deep.include({ delivered: 61 });
  });

  it('gives a row up that is refused however small, counted', async () => {
    const host = await started();
    server.otherwise = when(({ path }) => path === pathOf('insert'), status(413), server.answer);
    await host.ingest([ended(span({ input: 'z'.repeat(200_000) }))]);
    await host.obs.flush();
    expect(countsOf(host).tracing!.dropped).to.deep.include({ rejected: 1 });
    expect(server.sent('insert').length).to.be.within(2, 8);
  });

  it('delivers the rest of a batch of which one row is refused, and keeps that one with its reason', async () => {
    const dataDir = scratch();
    const host = await started({}, { maxDelayMs: 50 }, { deadLetters: true, dataDir });
    const ids = Array.from({ length: 20 }, (_, index) => `${index}`.padStart(16, '0'));
    const bad = `"id":"${ids[13]}"`;
    const isRefused = ({ path, body }: ReceivedRequest) => path === pathOf('insert') && body.includes(bad);
    server.otherwise = when(isRefused, status(400, { body: 'bad row' }), server.answer);
    await host.ingest(ids.map((id) => ended(span({ id }))));
    await host.obs.flush();
    expect([...server.rows.keys()]).to.have.members(ids.filter((_, index) => index !== 13));
    const [letter, ...others] = readFileSync(join(dataDir, 'dead-letters', 'cloud.jsonl'), 'utf8')
      .trim()
      .split('\n');
    expect(others).to.deep.equal([]);
    const { reason, event } = JSON.parse(letter!);
    expect(reason).to.include('HTTP 400').and.to.include('bad row');
    expect(event.exportedSpan.id).to.equal(ids[13]);
  });

  it('makes no row refused by what was refused about it before', async () => {
    const host = await started();
    const isFeedback = ({ path }: ReceivedRequest) => path === pathOf('feedback');
    server.otherwise = when(isFeedback, status(400), server.answer);
    await host.ingest([score({ score: 1 }, { spanId: rootId })]);
    await host.obs.flush();
    await host.ingest([ended(root())]);
    await host.obs.flush();
    expect(server.rows.get(rootId)).to.include({ id: rootId }).and.not.to.have.property('scores');
    expect(countsOf(host).scores!.dropped).to.deep.include({ rejected: 1 });
  });

  it('makes no comment twice when a later request of the same batch fails', async () => {
    const host = await started({ maxRequestBytes: 10_000 }, { maxDelayMs: 50 });
    const long = (name: string) => feedback({ comment: name + '.'.repeat(6_000) }, { spanId: rootId });
    let calls = 0;
    const isSecond = ({ path }: ReceivedRequest) => path === pathOf('feedback') && ++calls === 2;
    server.otherwise = when(isSecond, status(503), server.answer);
    await host.ingest([long('a'), long('b')]);
    await host.obs.flush();
    expect(server.comments.map(({ comment }) => comment[0])).to.deep.equal(['a', 'b']);
  });

  it('waits while its key is refused, says so once, and then sends everything', async () => {
    const host = await started();
    let refusals = 0;
    server.otherwise = when(() => ++refusals < 4, status(403), server.answer);
    await host.ingest([ended(root()), ended(span())]);
    await host.obs.flush();
    expect([...server.rows.keys()]).to.have.members([rootId, spanId]);
    expect(host.warnings.filter((line) => line.includes('403'))).to.have.lengthOf(1);
  });

  it('waits for 429 as long as it is told', async () => {
    const host = await started();
    const times: number[] = [];
    server.otherwise = (request, response) => {
      if (request.path === pathOf('insert')) times.push(performance.now());
      (times.length === 1 ? later(429, '0.2') : server.answer)(request, response);
    };
    await host.ingest([ended(span())]);
    await host.obs.flush();
    expect(times[1]! - times[0]!).to.be.at.least(190);
    expect(server.rows.size).to.equal(1);
  });

  it('counts a row as refused that the answer does not name', async () => {
    const host = await started({ projectId: PROJECT_ID, probe: false });
    server.script(status(200, { body: JSON.stringify({ row_ids: [rootId] }) }));
    await host.ingest([ended(root()), ended(span())]);
    await host.obs.flush();
    expect(countsOf(host).tracing).to.deep.include({ delivered: 1 });
    expect(countsOf(host).tracing!.dropped).to.deep.include({ rejected: 1 });
  });

  it('makes its project again when it is gone', async () => {
    const host = await started();
    server.script(status(404));
    await host.ingest([ended(span())]);
    await server.received(4);
    await host.obs.flush();
    expect(server.projects).to.deep.equal(['test-service', 'test-service']);
    expect(server.rows.has(spanId)).to.equal(true);
  });

  it('is degraded when its key is refused at the start, and says why', async () => {
    server.otherwise = status(401);
    const host = braintrustHost(server.url);
    hosts.push(host);
    await host.start();
    expect(host.obs.diagnostics().plugins['cloud']!.state).to.equal('degraded');
    expect(host.warnings.join()).to.include('401').and.not.to.include(API_KEY);
  });

  it('starts although nothing listens yet', async () => {
    await server.close();
    const host = braintrustHost(server.url);
    hosts.push(host);
    await host.start();
    expect(host.obs.diagnostics().plugins['cloud']!.state).to.equal('running');
  });

  it('asks nothing at the start without a probe, and for a project that is given by id', async () => {
    await started({ probe: false });
    expect(server.requests).to.have.lengthOf(0);
    const { obs, ingest } = await started({ projectId: PROJECT_ID, projectName: 'other' });
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).to.deep.equal([
      'GET /v1/project/p%201',
    ]);
    await ingest([ended(span())]);
    await obs.flush();
    expect(server.projects).to.deep.equal([]);
    expect(server.rows.size).to.equal(1);
  });
});
