import { join } from 'node:path';
import { expect } from 'chai';
import { States } from '../../../plugins/duckdb/file/states.ts';
import { DuckDBStore } from '../../../plugins/duckdb/index.ts';
import { KnownTraces } from '../../../plugins/duckdb/read/known-traces.ts';
import { scratchDirectory, storeInMemory } from './opened.ts';
import { span, traceId } from './records.ts';

describe('traces that are remembered until a commit touches them', () => {
  let states: States;
  let known: KnownTraces;
  const trace = (name = 'a') => ({
    entry: [name],
    totals: { spanCount: 1, errorCount: 0, runningCount: 0 },
  });
  const commit = (...traceIds: string[]) => {
    known.committing(traceIds.map((traceId) => ({ traceId })));
    states.leave();
    states.enter();
  };
  const get = (traceId: string) => known.get(states.now, traceId)?.entry[0];
  const set = (traceId: string, name?: string) => known.set(states.now, traceId, trace(name));
  beforeEach(() => {
    states = new States();
    known = new KnownTraces(states);
  });

  it('outlive commits that do not touch them', () => {
    set('one', 'a');
    set('two', 'b');
    commit('two');
    commit('three');
    expect([get('one'), get('two')]).to.deep.equal(['a', undefined]);
    set('two', 'c');
    expect([get('one'), get('two')]).to.deep.equal(['a', 'c']);
  });

  it('end with a change that was not announced, as a deletion, and with the next opening', () => {
    set('one');
    states.leave();
    states.enter();
    expect(get('one')).to.equal(undefined);
    set('one');
    known.committing([]);
    states.restart();
    expect(get('one')).to.equal(undefined);
    known.committing([]);
    states.enter();
    expect(get('one')).to.equal(undefined);
  });

  it('are of no use to a query of an earlier or of no certain state', () => {
    set('one');
    const before = states.now;
    commit('two');
    expect(known.get(before, 'one')).to.equal(undefined);
    expect(known.get(undefined, 'one')).to.equal(undefined);
  });

  it('are not taken from a query that ends when its state is over or about to be', () => {
    set('two');
    const before = states.now;
    known.committing([{ traceId: 'one' }]);
    known.set(before, 'one', trace());
    states.leave();
    known.set(before, 'one', trace());
    known.set(undefined, 'one', trace());
    states.enter();
    known.set(before, 'one', trace());
    expect([get('one'), get('two')]).to.deep.equal([undefined, 'a']);
  });

  it('are forgotten by their size, first what was not asked for', () => {
    const large = 'x'.repeat(1024 * 1024 - 100);
    for (let n = 0; n < 12; n++) {
      set(`${n}`, large);
      get('0');
    }
    const left = Array.from({ length: 12 }, (_, n) => n).filter((n) => get(`${n}`) !== undefined);
    expect(left).to.have.length.within(4, 8);
    expect(left[0]).to.equal(0);
    expect(left.at(-1)).to.equal(11);
    set('11', 'small');
    set('12', large);
    expect(get('0')).to.equal(large);
  });
});

describe('a list that is asked again', () => {
  const store = storeInMemory();
  const list = async () => {
    const { spans } = await store().listTraces({ pagination: { perPage: 10 } });
    return spans
      .map(({ traceId: id, name, spanCount, errorCount }) => [id, name, spanCount, errorCount])
      .sort(([a], [b]) => (a! < b! ? -1 : 1));
  };
  const twice = async () => {
    const first = await list();
    expect(await list()).to.deep.equal(first);
    return first;
  };

  it('follows what is written, changed, deleted and cleared', async () => {
    await store().batchCreateSpans({ records: [span(0, 0, { name: 'a' }), span(1, 0, { name: 'b' })] });
    expect(await twice()).to.deep.equal([
      [traceId(0), 'a', 1, 0],
      [traceId(1), 'b', 1, 0],
    ]);
    await store().batchCreateSpans({ records: [span(1, 1, { status: 'error' }), span(2, 0, { name: 'c' })] });
    expect(await twice()).to.deep.equal([
      [traceId(0), 'a', 1, 0],
      [traceId(1), 'b', 2, 1],
      [traceId(2), 'c', 1, 0],
    ]);
    await store().updateSpan({ traceId: traceId(0), spanId: span(0, 0).id, updates: { name: 'd' } });
    await store().batchDeleteTraces({ traceIds: [traceId(2)] });
    expect(await twice()).to.deep.equal([
      [traceId(0), 'd', 1, 0],
      [traceId(1), 'b', 2, 1],
    ]);
    await store().dangerouslyClearAll();
    expect(await twice()).to.deep.equal([]);
  });

  it('gives spans of its own each time', async () => {
    await store().batchCreateSpans({ records: [span(0, 0, { input: { text: 'as it came' } })] });
    const first = async () => (await store().listTraces()).spans[0]!;
    for (let n = 0; n < 3; n++) {
      const { input } = await first();
      expect(input).to.deep.equal({ text: 'as it came' });
      (input as { text: string }).text = 'changed by its reader';
    }
  });

  it('is right in every answer while others write', async () => {
    const written: Promise<unknown>[] = [];
    for (let n = 0; n < 60; n++) {
      const [trace, place] = [n % 3, Math.floor(n / 3)];
      const done = store().batchCreateSpans({ records: [span(trace, place)] });
      written.push(done);
      const [least, answered] = [n - 5, list()];
      if (least > 0) await written[least];
      for (const [id, , count] of await answered) {
        const at = [0, 1, 2].findIndex((k) => traceId(k) === id);
        expect(count, `trace ${at} after write ${n}`).to.be.within(1, Math.floor((n - at) / 3) + 1);
      }
      if (n % 10 === 9) {
        await done;
        const counts = (await list()).map(([, , count]) => count);
        expect(counts).to.deep.equal([0, 1, 2].map((k) => Math.floor((n - k) / 3) + 1));
      }
    }
  });
});

describe('a list of a file that is asked again', () => {
  const directory = scratchDirectory();

  it('follows what is pruned, and what is written while its store is closed', async () => {
    const options = {
      path: join(directory(), 'again.duckdb'),
      thread: 'main' as const,
      retention: { tracing: { maxAgeDays: 7 } },
    };
    const [owner, other] = [new DuckDBStore(options), new DuckDBStore(options)];
    const names = async (store: DuckDBStore) =>
      (await store.observability.listTraces()).spans.map(({ name }) => name).sort();
    const now = Date.now() * 1_000;
    await owner.init();
    await owner.observability.batchCreateSpans({
      records: [span(0, 0, { name: 'old' }), span(1, 0, { name: 'new', startUnixMicro: now })],
    });
    expect(await names(owner)).to.deep.equal(['new', 'old']);
    await owner.observability.prune();
    expect(await names(owner)).to.deep.equal(['new']);
    await owner.close();
    await other.init();
    await other.observability.batchCreateSpans({
      records: [span(1, 0, { name: 'newer', seq: 9, startUnixMicro: now })],
    });
    await other.close();
    await owner.init();
    expect(await names(owner)).to.deep.equal(['newer']);
    await owner.close();
  }).timeout(60_000);
});
