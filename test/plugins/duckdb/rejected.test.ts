import { expect } from 'chai';
import type { ExportedSpan, LogEvent } from '../../../core/index.ts';
import { storeInMemory } from './opened.ts';
import { change, log, metric, span, spanId, traceId } from './records.ts';

const circular: Record<string, unknown> = {};
circular['self'] = circular;
const throwing = {
  get id(): string {
    throw new Error('no id for you');
  },
};

const badSpans: [what: string, record: unknown, reason: RegExp][] = [
  ['an invalid Date', span(0, 1, { startTime: new Date(Number.NaN) }), /startTime: expected a valid Date/],
  ['an invalid end', span(0, 1, { endTime: new Date('never') }), /endTime: expected a valid Date/],
  [
    'a time that is no number',
    span(0, 1, { startUnixMicro: 'now' as never, startTime: undefined }),
    /startUnixMicro/,
  ],
  ['no trace id', span(0, 1, { traceId: undefined }), /traceId is missing/],
  ['an empty span id', span(0, 1, { id: '' }), /id: expected text, got empty text/],
  ['no name', span(0, 1, { name: undefined }), /name is missing/],
  ['a number as name', span(0, 1, { name: 42 }), /name: expected text, got number/],
  ['a circular input', span(0, 1, { input: circular }), /input: .*circular/i],
  ['a BigInt', span(0, 1, { metadata: { n: 10n } }), /metadata: .*BigInt/],
  ['a seq that is no integer', span(0, 1, { seq: 1.5 }), /seq: expected an integer/],
  ['null', null, /traceId is missing/],
  ['a getter that throws', throwing, /no id for you/],
];

describe('a record that the DuckDB store cannot hold', () => {
  const store = storeInMemory();

  for (const [what, bad, reason] of badSpans) {
    it(`${what}: the others of its batch are stored, and it is named`, async () => {
      const records = [span(0, 0), bad as ExportedSpan, span(0, 2)];
      const result = await store().batchCreateSpans({ records });
      expect(result.rejected.map(({ index }) => index)).to.deep.equal([1]);
      expect(result.rejected[0]?.reason).to.match(reason);
      const trace = await store().getTrace({ traceId: traceId(0) });
      expect(trace?.spans).to.deep.equal([span(0, 0), span(0, 2)]);
    });
  }

  it('is named by its index in the whole batch, also far behind in a long one', async () => {
    const records = Array.from({ length: 1_500 }, (_, n) => log(n));
    records[1_234] = { ...log(0), id: undefined as never };
    const { rejected } = await store().batchCreateLogs({ records });
    expect(rejected).to.have.lengthOf(1);
    expect(rejected[0]).to.deep.include({ index: 1_234 });
    expect((await store().listLogs()).pagination.total).to.equal(1_499);
  });

  it('costs itself only among changes, metrics and logs', async () => {
    await store().createSpan({ span: span(0, 0) });
    const changes = [null, { traceId: traceId(0), spanId: spanId(0), updates: { tags: circular } }];
    const good = change(span(0, 0, { seq: 3, output: 1 }));
    const updated = await store().batchUpdateSpans({ records: [...(changes as never[]), good] });
    expect(updated.rejected.map(({ index }) => index)).to.deep.equal([0, 1]);
    expect(await store().getSpan({ traceId: traceId(0), spanId: spanId(0) })).to.include({ output: 1 });

    const metrics = await store().batchCreateMetrics({
      records: [metric(0), metric(1, { value: '7' as never })],
    });
    expect(metrics.rejected[0]?.reason).to.match(/value: expected a number, got string/);
    const logs = await store().batchCreateLogs({
      records: [{ ...log(0), record: undefined } as unknown as LogEvent],
    });
    expect(logs.rejected[0]?.reason).to.match(/record.level is missing/);
    expect((await store().listMetrics()).pagination.total).to.equal(1);
  });

  it('makes createSpan and updateSpan fail for good, with its name', async () => {
    const outcome = await store()
      .createSpan({ span: span(0, 0, { startTime: new Date(Number.NaN) }) })
      .then(
        () => 'stored',
        (error) => error,
      );
    expect(outcome).to.be.an('error').with.property('name', 'PermanentError');
    expect(outcome.message).to.match(/^OBS_STORE_WRITE: record 0000000000000001 of trace .*startTime/);
    expect(outcome.cause).to.have.property('code', 'OBS_STORE_WRITE');
    const updated = await store()
      .updateSpan({ traceId: '', spanId: 'x', updates: {} })
      .catch((error) => error);
    expect(updated.message).to.match(/traceId/);
  });
});
