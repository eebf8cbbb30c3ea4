import { expect } from 'chai';
import type { AnyExportedSpan } from '../../../core/index.ts';
import { toMastraSpan } from '../../../plugins/mastra/from-mastra/span.ts';

function spanOf(fields: Partial<AnyExportedSpan> & { type: AnyExportedSpan['type'] }): AnyExportedSpan {
  return {
    id: '00000000000000aa',
    traceId: '000000000000000000000000000000bb',
    name: 'work',
    isRootSpan: false,
    isEvent: false,
    seq: 1,
    status: 'ok',
    startTime: new Date(1_000),
    startUnixMicro: 1_000_000,
    ...fields,
  };
}

describe('fromMastra: a span in the words of Mastra', () => {
  it('keeps user and session in the metadata, where the metadata has the last word', () => {
    const { metadata } = toMastraSpan(
      spanOf({
        type: 'generic',
        userId: 'u-1',
        sessionId: 's-1',
        metadata: { sessionId: 'own', tier: 'gold' },
      }),
    );
    expect(metadata).to.deep.equal({ userId: 'u-1', sessionId: 'own', tier: 'gold' });
  });

  it('calls a parent in another process external, so that nobody waits for it', () => {
    const remote = toMastraSpan(
      spanOf({ type: 'generic', isRootSpan: true, parentSpanId: '00000000000000cc' }),
    );
    expect(remote).to.include({ isRootSpan: true, externalParentSpanId: '00000000000000cc' });
    expect(remote).to.not.have.property('parentSpanId');
    const local = toMastraSpan(spanOf({ type: 'generic', parentSpanId: '00000000000000cc' }));
    expect(local).to.include({ parentSpanId: '00000000000000cc' });
  });

  it('names agents, tools and workflows by an entity, since some exporters show no other name', () => {
    expect(toMastraSpan(spanOf({ type: 'tool_call' }))).to.include({
      entityType: 'tool',
      entityName: 'work',
    });
    const agent = toMastraSpan(spanOf({ type: 'agent_run', entityId: 'a-1', entityName: 'Support' }));
    expect(agent).to.include({ entityType: 'agent', entityId: 'a-1', entityName: 'Support' });
    const step = toMastraSpan(
      spanOf({ type: 'workflow_step', attributes: { stepId: 'fetch', stepStatus: 'success' } }),
    );
    expect(step).to.deep.include({ entityId: 'fetch' });
    expect(step.attributes).to.deep.include({ status: 'success' });
    expect(toMastraSpan(spanOf({ type: 'generic' }))).to.not.have.any.keys('entityType', 'entityName');
  });

  it('has a type that Mastra knows, and the one that a span had there before', () => {
    const typeOf = (fields: Parameters<typeof spanOf>[0]) => toMastraSpan(spanOf(fields)).type;
    expect(typeOf({ type: 'embedding' })).to.equal('rag_embedding');
    expect(typeOf({ type: 'retrieval' })).to.equal('rag_vector_operation');
    expect(typeOf({ type: 'unknown' as never })).to.equal('generic');
    const graph = spanOf({ type: 'generic', attributes: { mastraSpanType: 'graph_action', nodeCount: 3 } });
    expect(toMastraSpan(graph)).to.deep.include({ type: 'graph_action', attributes: { nodeCount: 3 } });
  });

  it('has dates where exporters call the methods of dates', () => {
    const sleep = spanOf({ type: 'workflow_sleep', attributes: { untilDate: '2026-01-02T03:04:05.000Z' } });
    const { attributes } = toMastraSpan(sleep) as { attributes: { untilDate: Date } };
    expect(attributes.untilDate).to.deep.equal(new Date('2026-01-02T03:04:05.000Z'));
  });

  it('gives tags on the root only, the code of an error as its id, and its stack twice', () => {
    expect(toMastraSpan(spanOf({ type: 'generic', tags: ['a'] }))).to.not.have.property('tags');
    expect(toMastraSpan(spanOf({ type: 'generic', tags: ['a'], isRootSpan: true })).tags).to.deep.equal([
      'a',
    ]);
    const errorInfo = { message: 'm', name: 'E', code: 'E404', stack: 'at x', details: { order: 1 } };
    expect(toMastraSpan(spanOf({ type: 'generic', errorInfo })).errorInfo).to.deep.equal({
      message: 'm',
      name: 'E',
      id: 'E404',
      stack: 'at x',
      details: { order: 1, stack: 'at x' },
    });
  });

  it('has neither attributes nor metadata that are there and empty', () => {
    expect(toMastraSpan(spanOf({ type: 'agent_run' }))).to.not.have.any.keys('attributes', 'metadata');
  });
});
