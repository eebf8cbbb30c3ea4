import { expect } from 'chai';
import fc from 'fast-check';
import type { AnyExportedSpan, BaseObservabilityInstance, Span } from '../../../core/index.ts';
import { fromMastra, toMastra } from '../../../plugins/mastra/index.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';

const TYPES = [
  'agent_run',
  'model_generation',
  'tool_call',
  'workflow_step',
  'retrieval',
  'embedding',
  'generic',
] as const;

/** Spans in the order of their starts; each below one that started before it, the first one without a parent. */
const tree = fc.array(
  fc.record({
    type: fc.constantFrom(...TYPES),
    parent: fc.nat(),
    userId: fc.constantFrom('u-1', 'u-2'),
    tokens: fc.nat(1_000),
    isFailing: fc.boolean(),
  }),
  { minLength: 1, maxLength: 20 },
);
type Tree = typeof tree extends fc.Arbitrary<infer T> ? T : never;

function emit(obs: BaseObservabilityInstance, nodes: Tree): void {
  const spans: Span[] = [];
  for (const { type, parent, userId } of nodes) {
    const options = { name: `${type} ${spans.length}`, type, userId };
    const above = spans[parent % Math.max(1, spans.length)];
    spans.push((above ? above.createChildSpan(options) : obs.startSpan(options)) as Span);
  }
  for (const [index, { type, tokens, isFailing }] of [...nodes.entries()].reverse()) {
    const usage = { inputTokens: tokens, inputDetails: { text: tokens } };
    if (type === 'model_generation') spans[index]!.update({ attributes: { model: 'm', usage } });
    if (isFailing) spans[index]!.error({ error: new Error('failed') });
    else spans[index]!.end({ output: tokens });
  }
}

type Events = ReturnType<typeof createRecordedHost>['tracing'];

function ends(events: Events): AnyExportedSpan[] {
  return events.filter(({ type }) => type === 'span.ended').map(({ exportedSpan }) => exportedSpan);
}

/** What must be the same on the other side. */
function essence({
  id,
  traceId,
  parentSpanId,
  name,
  type,
  status,
  userId,
  output,
  attributes,
}: AnyExportedSpan) {
  return { id, traceId, parentSpanId, name, type, status, userId, output, usage: attributes?.['usage'] };
}

const isInference = ({ attributes }: AnyExportedSpan) => attributes?.['mastraSpanType'] === 'model_inference';

describe('through an exporter of Mastra and back', () => {
  it('any tree of spans keeps ids, parents, names, types, users, outputs, usage and status', async () => {
    const property = fc.asyncProperty(tree, async (nodes) => {
      const there = createRecordedHost();
      const back = createRecordedHost();
      emit(there.obs, nodes);
      // By hand: what is emitted inside of a delivery is cut off, so that no host ever feeds itself.
      const hosted = fromMastra(toMastra(back.obs));
      for (const event of there.tracing) await hosted.onTracingEvent?.(event);
      const sent = ends(there.tracing).map(essence);
      const arrived = ends(back.tracing);
      expect(arrived.filter((span) => !isInference(span)).map(essence)).to.deep.equal(sent);
      const calls = sent.filter(({ type }) => type === 'model_generation');
      expect(arrived.filter(isInference).map(({ parentSpanId }) => parentSpanId)).to.have.members(
        calls.map(({ id }) => id),
      );
    });
    await fc.assert(property, { numRuns: 100 });
  });
});
