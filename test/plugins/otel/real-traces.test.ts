import { expect } from 'chai';
import type { ExportedSpan, TracingEvent } from '../../../core/index.ts';
import { OtelExporter, type OtelOptions } from '../../../plugins/otel/index.ts';
import { type FaultServer, startFaultServer } from '../../kit/fault-server.ts';
import { createTestHost } from '../../kit/host.ts';
import { decodeRequest, type Message, spansOf } from '../../kit/otlp.ts';
import { type RealTrace, realTraces, realTracesAbsence } from '../../kit/real-traces.ts';

/** What a receiver adds up, by the names of each style. */
const STYLES = {
  gen_ai: {
    tokens: ['gen_ai.usage.input_tokens', 'gen_ai.usage.output_tokens'],
    cost: 'gen_ai.usage.cost',
  },
  openinference: {
    tokens: ['llm.token_count.prompt', 'llm.token_count.completion'],
    cost: 'llm.cost.total',
  },
} as const;

describe(`real traces over OTLP${realTracesAbsence}`, () => {
  let server: FaultServer;
  before(async function () {
    if (realTracesAbsence) this.skip();
    server = await startFaultServer();
  });
  after(() => server?.close());

  async function arrived({ events }: RealTrace, options: OtelOptions): Promise<Message[]> {
    server.requests.length = 0;
    const { obs } = createTestHost();
    obs.registerExporter(new OtelExporter({ endpoint: server.url, ...options }, {}));
    await obs.bus.ingest(events);
    await obs.flush();
    await obs.shutdown();
    return server.requests
      .filter(({ path }) => path === '/v1/traces')
      .flatMap(({ body, headers }) =>
        spansOf(decodeRequest('traces', body, headers['content-type'] === 'application/json')),
      );
  }

  for (const trace of realTraces()) {
    for (const attributes of ['gen_ai', 'openinference'] as const) {
      it(`${trace.name}: tokens and cost arrive as the source has them (${attributes})`, async () => {
        const spans = await arrived(trace, { attributes });
        const { tokens, cost } = STYLES[attributes];
        const ids = spans.map(({ spanId }) => spanId);
        expect(ids).to.have.members(trace.spans.map(({ id }) => id));
        for (const call of trace.calls) {
          const span = spans.find(({ spanId }) => spanId === call.spanId)!;
          const counted = tokens.reduce((sum, name) => sum + (span['attributes'][name] ?? 0), 0);
          expect(counted, `tokens of ${call.spanId}`).to.equal(call.tokens);
          expect(span['attributes'][cost], `cost of ${call.spanId}`).to.equal(call.cost);
        }
        const sum = (names: readonly string[]) =>
          spans.reduce(
            (all, span) => names.reduce((part, name) => part + (span['attributes'][name] ?? 0), all),
            0,
          );
        expect(sum(tokens)).to.equal(trace.tokens);
        expect(sum([cost])).to.be.closeTo(trace.cost, 1e-12);
      });
    }

    it(`${trace.name}: JSON says what protobuf says, and parents and times are those of the source`, async () => {
      const spans = await arrived(trace, {});
      expect(await arrived(trace, { encoding: 'json' })).to.deep.equal(spans);
      for (const span of spans) {
        const source = trace.spans.find(({ id }) => id === span['spanId']) as ExportedSpan;
        expect(span['parentSpanId']).to.equal(source.parentSpanId);
        expect(span['traceId']).to.equal(trace.traceId);
        expect(Number(BigInt(span['startTimeUnixNano']) / 1000n)).to.equal(source.startUnixMicro);
        expect(Number(BigInt(span['endTimeUnixNano']) / 1000n)).to.equal(source.endUnixMicro);
      }
    });
  }

  it('are sent as they ended only: nothing of a start is on the wire', async () => {
    const [trace] = realTraces();
    const started = trace!.events.filter(({ type }) => type === 'span.started') as TracingEvent[];
    expect(started).to.not.be.empty;
    expect(await arrived({ ...trace!, events: started }, {})).to.be.empty;
  });
});
