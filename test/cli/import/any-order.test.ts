import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { importLangfuse } from '../../../cli/import/langfuse.ts';
import type { ExportedSpan, ObservabilityEvent, ObservabilityStorage } from '../../../core/index.ts';
import { DuckDBStore } from '../../../plugins/duckdb/index.ts';
import { scratchDirectory } from '../../plugins/duckdb/opened.ts';

const TRACES = fileURLToPath(new URL('../../../../shared/data/framework-traces/', import.meta.url));
const absence = existsSync(TRACES) ? '' : `: SKIPPED, ${relative(process.cwd(), TRACES)} is absent`;

/** Numbers from 0 to below `max`, the same in every run (Lehmer's generator). */
function pickFrom(seed: number): (max: number) => number {
  let state = seed;
  return (max) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % max;
  };
}

describe(`real traces in any order, in pieces, some of them twice${absence}`, () => {
  const directory = scratchDirectory();
  let events: ObservabilityEvent[];
  before(function () {
    if (!existsSync(TRACES)) this.skip();
    const files = readdirSync(TRACES).map((name) => readFileSync(join(TRACES, name), 'utf8'));
    events = files.flatMap((text) => importLangfuse(text).events);
  });

  for (const seed of [1, 2, 3]) {
    it(`are stored as they are in order, with a restart in between (seed ${seed})`, async function () {
      this.timeout(60_000);
      const inOrder = await storedAs(`in-order-${seed}`, [events]);
      const pick = pickFrom(seed);
      const pieces = piecesOf(shuffled(events, pick), pick);
      const shuffledToo = await storedAs(`shuffled-${seed}`, pieces);
      expect(shuffledToo.spans).to.have.lengthOf.above(50);
      expect(shuffledToo).to.deep.equal(inOrder);
    });
  }

  /** Everything in a new file after these batches; half-way it is closed and opened again. */
  async function storedAs(name: string, batches: readonly ObservabilityEvent[][]) {
    const path = join(directory(), `${name}.duckdb`);
    let store = new DuckDBStore({ thread: 'main', path });
    await store.init();
    for (const [index, batch] of batches.entries()) {
      if (index > 0 && index === batches.length >> 1) {
        await store.close();
        store = new DuckDBStore({ thread: 'main', path });
        await store.init();
      }
      await write(store.observability, batch);
    }
    const stored = await everything(store.observability);
    await store.close();
    return stored;
  }
});

function shuffled<V>(values: readonly V[], pick: (max: number) => number): V[] {
  const mixed = [...values];
  for (let last = mixed.length - 1; last > 0; last--) {
    const other = pick(last + 1);
    [mixed[last], mixed[other]] = [mixed[other]!, mixed[last]!];
  }
  return mixed;
}

function piecesOf<V>(values: readonly V[], pick: (max: number) => number): V[][] {
  const left = [...values];
  const pieces: V[][] = [];
  while (left.length > 0) {
    const piece = left.splice(0, 1 + pick(40));
    pieces.push(piece);
    if (pick(3) === 0) pieces.splice(pick(pieces.length), 0, piece);
  }
  return pieces;
}

/** The first snapshot of a span as a span, the later ones as changes, as the host does it. */
async function write(store: ObservabilityStorage, batch: readonly ObservabilityEvent[]): Promise<void> {
  const spans = batch.flatMap((event) => ('exportedSpan' in event ? [event.exportedSpan] : []));
  const isFirst = ({ seq }: ExportedSpan) => seq === 1;
  await Promise.all([
    store.batchCreateSpans({ records: spans.filter(isFirst) }),
    store.batchUpdateSpans({
      records: spans
        .filter((span) => !isFirst(span))
        .map((span) => ({ traceId: span.traceId, spanId: span.id, updates: span })),
    }),
    store.batchCreateScores({ records: batch.filter((event) => event.type === 'score') }),
  ]);
}

async function everything(store: ObservabilityStorage) {
  const { spans: entries } = await store.listTraces({ pagination: { perPage: 1_000 } });
  const traces = await Promise.all(entries.map(({ traceId }) => store.getTrace({ traceId })));
  const { scores } = await store.listScores({ pagination: { perPage: 1_000 } });
  return { entries, spans: traces.flatMap((trace) => trace?.spans ?? []), scores };
}
