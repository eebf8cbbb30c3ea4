import { expect } from 'chai';
import * as fc from 'fast-check';
import { foldSpans } from '../../../core/entry/fold.ts';
import type { ExportedSpan, TracingEvent } from '../../../core/signals/tracing.ts';
import { spanEvent } from '../events.ts';

/** What the fold shall give for one span, by the definition: field by field, from the newest snapshot that has it. */
function expected(snapshots: readonly ExportedSpan[]): Record<string, unknown> {
  const byAge = snapshots.toSorted((a, b) => a.seq - b.seq);
  const fields = byAge.flatMap((snapshot) =>
    Object.entries(snapshot).filter(([, value]) => value !== undefined),
  );
  return Object.fromEntries(fields);
}

const field = fc.option(fc.constantFrom<unknown>('a', 'b', null, 0, false), { nil: undefined });

/** Snapshots of one span, of which each may have or lack each field. */
const history = fc
  .array(fc.record({ input: field, output: field, tags: field, userId: field }, { requiredKeys: [] }), {
    minLength: 1,
    maxLength: 6,
  })
  .chain((fields) =>
    fc.shuffledSubarray(
      fields.map((more, index) => spanEvent('span.updated', 'a', index + 1, more as Partial<ExportedSpan>)),
      { minLength: 1 },
    ),
  );

const bare = (record: object) =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));

describe('folding spans', () => {
  it('gives one create for a span that starts and ends in the batch: the newest snapshot', () => {
    const events = [
      spanEvent('span.started', 'a', 1, { input: 'question' }),
      spanEvent('span.updated', 'a', 2, { input: 'question', output: 'ans' }),
      spanEvent('span.ended', 'a', 3, { input: 'question', output: 'answer' }),
    ];
    const { creates, updates } = foldSpans(events);
    expect(updates).to.deep.equal([]);
    expect(creates).to.deep.equal([{ record: events[2]!.exportedSpan, events: [0, 1, 2] }]);
  });

  it('gives one update for a span whose first snapshot was in an earlier batch', () => {
    const events = [spanEvent('span.updated', 'a', 2), spanEvent('span.ended', 'a', 3, { output: 1 })];
    const { creates, updates } = foldSpans(events);
    expect(creates).to.deep.equal([]);
    const { exportedSpan: span } = events[1]!;
    expect(updates).to.deep.equal([
      { record: { traceId: span.traceId, spanId: span.id, updates: span }, events: [0, 1] },
    ]);
  });

  it('keeps spans apart that share an id in different traces', () => {
    const { creates } = foldSpans([
      spanEvent('span.started', 'a', 1, { traceId: 'f'.repeat(32) }),
      spanEvent('span.started', 'a', 1),
    ]);
    expect(creates.map(({ events }) => events)).to.deep.equal([[0], [1]]);
  });

  it('gives creates and updates in the order in which their spans first appear, with all their positions', () => {
    const { creates, updates } = foldSpans([
      spanEvent('span.started', 'a', 1),
      spanEvent('span.ended', 'b', 4),
      spanEvent('span.started', 'c', 1),
      spanEvent('span.ended', 'a', 2),
      spanEvent('span.updated', 'd', 7),
    ]);
    expect(creates.map(({ record, events }) => [record.name, events])).to.deep.equal([
      ['span a', [0, 3]],
      ['span c', [2]],
    ]);
    expect(updates.map(({ record, events }) => [record.updates.name, events])).to.deep.equal([
      ['span b', [1]],
      ['span d', [4]],
    ]);
  });

  it('comes to the same for any order of the events, and erases no field', () => {
    fc.assert(
      fc.property(history, (events: TracingEvent[]) => {
        const snapshots = events.map(({ exportedSpan }) => exportedSpan);
        const { creates, updates } = foldSpans(events);
        expect(creates.length + updates.length).to.equal(1);
        const hasFirst = snapshots.some(({ seq }) => seq === 1);
        expect(creates).to.have.length(hasFirst ? 1 : 0);
        const record = creates[0]?.record ?? updates[0]!.record.updates;
        expect(bare(record)).to.deep.equal(expected(snapshots));
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it('takes a snapshot that comes twice for one, and counts both events', () => {
    const event = spanEvent('span.ended', 'a', 2);
    const { updates } = foldSpans([event, event]);
    expect(updates).to.have.length(1);
    expect(updates[0]).to.deep.include({ events: [0, 1] });
  });

  it('changes none of the snapshots that it is given', () => {
    const events = [
      spanEvent('span.ended', 'a', 2, { output: 1 }),
      spanEvent('span.started', 'a', 1, { input: 2 }),
    ];
    for (const { exportedSpan } of events) Object.freeze(exportedSpan);
    expect(foldSpans(Object.freeze(events)).creates[0]!.record).to.deep.include({ input: 2, output: 1 });
  });
});
