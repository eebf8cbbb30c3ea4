import { expect } from 'chai';
import fc from 'fast-check';
import { createIdSource, type ExportedSpan, type ObservabilityStorage } from '../../../core/index.ts';
import { Engine } from '../../../plugins/duckdb/engine.ts';
import { Database } from '../../../plugins/duckdb/file/database.ts';
import { DuckDBStore, ObservabilityDuckDB } from '../../../plugins/duckdb/index.ts';
import { scratchDirectory } from './opened.ts';
import { log, score, span, started } from './records.ts';

/** Cases in memory; a proof as long as one likes with OBS_TEST_CASES. */
const CASES = Number(process.env['OBS_TEST_CASES'] ?? 500);

const AT_ONCE = 5;

type Pick = (max: number) => number;
type Send = (store: ObservabilityStorage) => Promise<unknown>;

/** What an application did, and what must be stored of it in the end. */
interface History {
  traceIds: string[];
  spans: Map<string, ExportedSpan>;
  linked: { scores: Map<string, object>; logs: Map<string, object> };
  deliveries: Delivery[];
}

/** One record on its way to the store. */
interface Delivery {
  kind: 'span' | 'change' | 'score' | 'log';
  record: ExportedSpan & { id: string };
}

describe('whatever order events come in, the DuckDB store', () => {
  const path = scratchDirectory();
  const ids = createIdSource();

  it('holds what a plain reference holds, with batches sent twice and restarts in between', async function () {
    this.timeout(20_000 + CASES * 1_000);
    const options = { path: ':memory:', memoryLimit: '256MB', threads: 1 };
    const database = new Database(options);
    await database.open();
    const engine = () => new ObservabilityDuckDB(new Engine(options, database));
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (random) => {
        const pick: Pick = (max) => random(fc.nat, max - 1);
        // Side by side, so that they share transactions.
        const cases = Array.from({ length: AT_ONCE }, () => {
          const history = makeHistory(pick, ids);
          const sends = batchesOf(history.deliveries, pick).map((send) => ({
            send,
            isRestart: pick(12) === 0,
          }));
          return { history, sends };
        });
        await Promise.all(
          cases.map(async ({ history, sends }) => {
            let store = engine();
            for (const { send, isRestart } of sends) {
              // A new engine knows nothing of what the one before it wrote.
              if (isRestart) store = engine();
              await send(store);
            }
            await assertStored(store, history);
          }),
        );
      }),
      { seed: 20261122, numRuns: Math.ceil(CASES / AT_ONCE), endOnFailure: true },
    );
    await database.close();
  });

  it('holds it in a file that is closed and opened again in between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (random) => {
        const pick: Pick = (max) => random(fc.nat, max - 1);
        const history = makeHistory(pick, ids);
        const batches = batchesOf(history.deliveries, pick);
        let store = new DuckDBStore({ thread: 'main', path: `${path()}/again.duckdb` });
        await store.init();
        for (const [index, send] of batches.entries()) {
          if (index === batches.length >> 1) {
            await store.close();
            store = new DuckDBStore({ thread: 'main', path: `${path()}/again.duckdb` });
            await store.init();
          }
          await send(store.observability);
        }
        await assertStored(store.observability, history);
        await store.close();
      }),
      { seed: 20261122, numRuns: 5, endOnFailure: true },
    );
  });
});

/** Trees of spans with updates, errors, late scores and logs, shuffled. */
function makeHistory(pick: Pick, ids: ReturnType<typeof createIdSource>): History {
  const history: History = {
    traceIds: [],
    spans: new Map(),
    linked: { scores: new Map(), logs: new Map() },
    deliveries: [],
  };
  for (let trace = 0; trace <= pick(3); trace++) {
    const traceId = newTraceId(pick, ids);
    history.traceIds.push(traceId);
    const spanIds = Array.from({ length: 1 + pick(7) }, () => ids.spanId());
    spanIds.forEach((id, n) => {
      addSpan(history, pick, { traceId, id, n, parent: spanIds[pick(Math.max(1, n))]! });
    });
    for (let n = pick(3); n > 0; n--) addLinked(history, traceId, ids, pick);
  }
  const { deliveries } = history;
  for (let last = deliveries.length - 1; last > 0; last--) {
    const other = pick(last + 1);
    [deliveries[last], deliveries[other]] = [deliveries[other]!, deliveries[last]!];
  }
  return history;
}

/** Of now, as ours are; of another time; or nothing that tells a time. */
function newTraceId(pick: Pick, ids: ReturnType<typeof createIdSource>): string {
  const nowMicro = Date.now() * 1000;
  const ofNow = ids.traceId(nowMicro);
  const otherTimes = [nowMicro - 3_600_000_000, nowMicro + 90_000_000, nowMicro + 4e15];
  return [ofNow, ofNow, ids.traceId(otherTimes[pick(3)]!), `trace ${ofNow}`][pick(4)]!;
}

function addSpan(
  history: History,
  pick: Pick,
  { traceId, id, n, parent }: { traceId: string; id: string; n: number; parent: string },
): void {
  const length = 1 + pick(4);
  let known = {} as ExportedSpan;
  for (let seq = 1; seq <= length; seq++) {
    const isLast = seq === length;
    const fields: Partial<Record<keyof ExportedSpan, unknown>> = {
      ...{ traceId, id, seq, isRootSpan: n === 0, parentSpanId: n === 0 ? undefined : parent },
      ...(pick(2) && { output: `${n}/${seq}` }),
      ...(pick(2) && { metadata: { seq } }),
      ...(pick(5) === 0 && { status: 'error', errorInfo: { message: `failed at ${seq}` } }),
    };
    const snapshot = isLast && pick(8) ? span(0, n, fields) : started(0, n, fields);
    known = { ...known, ...snapshot };
    history.deliveries.push({ kind: seq > 1 && pick(2) ? 'change' : 'span', record: snapshot });
  }
  history.spans.set(`${traceId} ${id}`, known);
}

function addLinked(
  history: History,
  traceId: string,
  ids: ReturnType<typeof createIdSource>,
  pick: Pick,
): void {
  const id = ids.eventId(Date.now() * 1000);
  const kind = pick(2) ? 'score' : 'log';
  const record = kind === 'score' ? score(pick(9), { id, traceId }) : log(pick(9), { id, traceId });
  history.linked[`${kind}s`].set(id, record);
  history.deliveries.push({ kind, record: record as never });
}

/** Random batches; some of them are sent twice, at once or later. */
function batchesOf(deliveries: readonly Delivery[], pick: Pick): Send[] {
  const sends: Send[] = [];
  const left = [...deliveries];
  while (left.length > 0) {
    const batch = left.splice(0, 1 + pick(12));
    const send: Send = (store) => Promise.all(writesOf(store, batch));
    if (pick(6) === 0) sends.push((store) => Promise.all([send(store), send(store)]));
    else sends.push(send);
    if (pick(5) === 0) sends.splice(pick(sends.length), 0, send);
  }
  return sends;
}

function writesOf(store: ObservabilityStorage, batch: readonly Delivery[]): Promise<unknown>[] {
  const of = (kind: Delivery['kind']) => batch.filter((one) => one.kind === kind).map(({ record }) => record);
  const changes = of('change').map(({ id, traceId, ...updates }) => ({ traceId, spanId: id, updates }));
  return [
    store.batchCreateSpans({ records: of('span') }),
    store.batchUpdateSpans({ records: changes as never }),
    store.batchCreateScores({ records: of('score') as never }),
    store.batchCreateLogs({ records: of('log') as never }),
  ];
}

async function assertStored(
  store: ObservabilityStorage,
  { traceIds, spans, linked }: History,
): Promise<void> {
  for (const traceId of traceIds) {
    const found = new Map(
      (await store.getTrace({ traceId }))?.spans.map((one) => [`${traceId} ${one.id}`, one]),
    );
    const wanted = [...spans].filter(([, one]) => one.traceId === traceId);
    expect(Object.fromEntries(found)).to.deep.equal(Object.fromEntries(wanted));
    const { scores } = await store.listScores({ filters: { traceId }, pagination: { perPage: 100 } });
    const { logs } = await store.listLogs({ filters: { traceId }, pagination: { perPage: 100 } });
    expect(byId(scores)).to.deep.equal(byId([...linked.scores.values()].filter(belongsTo(traceId))));
    expect(byId(logs)).to.deep.equal(byId([...linked.logs.values()].filter(belongsTo(traceId))));
  }
}

const belongsTo = (traceId: string) => (record: object) =>
  (record as { traceId: string }).traceId === traceId;

/** As pairs: a duplicate does not disappear in them. */
function byId(records: readonly object[]): [string, object][] {
  const pairs = records.map((record): [string, object] => [(record as { id: string }).id, record]);
  return pairs.sort(([a], [b]) => (a < b ? -1 : 1));
}
