import { expect } from 'chai';
import { realTraces, realTracesAbsence } from '../../kit/real-traces.ts';
import { braintrustHost } from './host.ts';
import { type BraintrustServer, type StoredRow, startBraintrust } from './server.ts';

describe(`real traces sent to Braintrust${realTracesAbsence}`, () => {
  let server: BraintrustServer;
  before(async function () {
    if (realTracesAbsence) return this.skip();
    server = await startBraintrust();
    const host = braintrustHost(server.url);
    await host.start();
    for (const { events } of realTraces()) await host.ingest(events);
    await host.obs.shutdown();
  });
  after(() => server?.close());

  const metric = (row: StoredRow | undefined, name: string) =>
    (row?.['metrics'] as Record<string, number> | undefined)?.[name] ?? 0;

  for (const { name, traceId, spans, calls, tokens, cost } of realTraces()) {
    it(`arrive with every span, token and cent of ${name}`, () => {
      const rows = [...server.rows.values()].filter((row) => row['root_span_id'] === traceId);
      expect(rows.map(({ id }) => id)).to.have.members(spans.map(({ id }) => id));
      for (const call of calls) {
        const row = server.rows.get(call.spanId);
        expect(metric(row, 'tokens'), call.spanId).to.equal(call.tokens);
        expect(metric(row, 'prompt_tokens'), call.spanId).to.equal(call.inputTokens);
        expect(metric(row, 'estimated_cost'), call.spanId).to.be.closeTo(call.cost, 1e-12);
        expect(row?.['metadata'], call.spanId).to.include({ model: call.model });
      }
      const sum = (of: string) => rows.reduce((total, row) => total + metric(row, of), 0);
      expect(sum('tokens')).to.equal(tokens);
      expect(sum('estimated_cost')).to.be.closeTo(cost, 1e-9);
    });
  }

  it('arrive with the parent, times, input and output of every span', () => {
    for (const span of realTraces().flatMap(({ spans }) => spans)) {
      const row = server.rows.get(span.id)!;
      expect(row['span_parents'], span.id).to.deep.equal(span.parentSpanId ? [span.parentSpanId] : []);
      expect(Math.round(metric(row, 'start') * 1e6), span.id).to.equal(span.startUnixMicro);
      expect(row['output'], span.id).to.deep.equal(span.output);
    }
  });
});
