import assert from 'node:assert/strict';
import test from 'node:test';
import { createTestObs, exporterCases, httpDestination, startFaultServer } from 'obs-kit/testing';
import { webhook } from './index.js';

const idsOf = (body: string): string[] => JSON.parse(body).map(({ id }: { id: string }) => id);

const cases = exporterCases({
  use: ({ address }) => webhook({ url: `${address}/hook`, token: 'a-token-of-nobody' }),
  destination: httpDestination({ idsOf: ({ body }) => idsOf(body.toString()) }),
  signals: ['scores', 'feedback'],
});
for (const { name, skip, run } of cases) test(name, { skip: skip ?? false }, run);

test('a score is posted as it is, with the token', async () => {
  const server = await startFaultServer();
  const { obs, stop } = await createTestObs({
    plugins: { hook: webhook({ url: server.url, token: 'abc' }) },
  });
  try {
    obs.addScore({ scorerId: 'politeness', score: 1 });
    await obs.flush();
    const [request] = server.requests;
    assert.equal(request?.headers['authorization'], 'Bearer abc');
    assert.deepEqual(JSON.parse(request.body.toString())[0].score, { scorerId: 'politeness', score: 1 });
  } finally {
    await stop();
    await server.close();
  }
});
