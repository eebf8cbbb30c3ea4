import assert from 'node:assert/strict';
import type { ObservabilityStorage, QueryName } from '../../../core/index.ts';
import { isObsError } from '../../../core/index.ts';
import { MemoryStore } from '../../../plugins/memory/index.ts';
import { createRandom } from '../random.ts';
import type { Opened } from './opened.ts';
import { DISCOVERY, KINDS, type ListName, listQueries, type Noun, valueQueries } from './queries.ts';
import { makeSeeds, type Seeds } from './seeds.ts';

/** A check of one query: its answers are those of the plain reference, the store `memory`. */
export interface ReadCheck {
  method: string;
  check: string;
  sentence: string;
  /** It writes, so it has a store of its own. */
  isAlone?: boolean;
  run(opened: Opened): Promise<void>;
}

const SEED = 20_261_130;
const LISTS: readonly ListName[] = [
  ...(['listTraces', 'listThreads', 'listMetrics'] as const),
  ...(['listLogs', 'listScores', 'listFeedback'] as const),
];
const OF_TRACE = ['getSpan', 'getSpans', 'getRootSpan', 'getTrace', 'getStructure', 'getBranch'] as const;
const NOUNS: readonly Noun[] = ['Metric', 'Score', 'Feedback'];

/** The checks of the read side. */
export const READ_CHECKS: readonly ReadCheck[] = [
  ...LISTS.map((list) =>
    compared(list, 'pages', 'filters, pages and orders with exact totals', (seeds) =>
      listQueries(list, seeds),
    ),
  ),
  ...LISTS.map(walk),
  ...OF_TRACE.map((query) =>
    compared(query, 'traces', 'traces of every shape', (seeds) => traceQueries(query, seeds)),
  ),
  ...NOUNS.flatMap((noun) =>
    KINDS.map((kind) =>
      compared(`get${noun}${kind}`, 'values', 'every aggregation, with filters and groups', (seeds) =>
        valueQueries(noun, kind, seeds),
      ),
    ),
  ),
  ...Object.entries(DISCOVERY).map(([query, asked]) =>
    compared(query as QueryName, 'values', 'what there is, sorted and without repeats', () => asked),
  ),
  {
    method: 'getScoreById',
    check: 'values',
    sentence: 'the score with an id, or null',
    run: (opened) =>
      whileSeeded(opened, async ({ events: { scores } }, { store }) => {
        assert.deepEqual(await store.getScoreById({ scoreId: scores[3]!.id }), scores[3]);
        assert.equal(await store.getScoreById({ scoreId: 'unknown' }), null);
      }),
  },
  {
    method: 'getStats',
    check: 'values',
    sentence: 'how much there is of each signal',
    run: (opened) =>
      whileSeeded(opened, async (_, { store }, reference) => {
        const [{ bytes: _bytes, ...found }, { bytes: _none, ...wanted }] = [
          await store.getStats(),
          await reference.getStats(),
        ];
        assert.deepEqual(found, wanted);
      }),
  },
  {
    method: 'getChanges',
    check: 'values',
    sentence: 'what was stored since a cursor',
    isAlone: true,
    run: changes,
  },
  { method: 'listTraces', check: 'refused', sentence: 'an unknown filter is refused by name', run: refused },
];

let made: { seeds: Seeds; reference: MemoryStore } | undefined;

/** What the shared store of the read checks is given; always the same. */
export function theSeeds(): Seeds {
  made ??= { seeds: makeSeeds(SEED), reference: new MemoryStore() };
  return made.seeds;
}

/** The check has a store with {@link theSeeds}, and a reference that was given the same. */
async function whileSeeded(
  opened: Opened,
  check: (seeds: Seeds, opened: Opened, reference: ObservabilityStorage) => Promise<void>,
): Promise<void> {
  const { spans, events } = theSeeds();
  const { reference } = made!;
  const { traces } = await reference.getStats();
  if (traces === 0) {
    await reference.batchCreateSpans({ records: spans });
    await reference.batchCreateMetrics({ records: events.metrics });
    await reference.batchCreateLogs({ records: events.logs });
    await reference.batchCreateScores({ records: events.scores });
    await reference.batchCreateFeedback({ records: events.feedback });
  }
  await check({ ...theSeeds(), random: createRandom(SEED) }, opened, reference);
}

function compared(
  query: QueryName,
  check: string,
  sentence: string,
  asked: (seeds: Seeds) => readonly object[],
): ReadCheck {
  const run = (opened: Opened) =>
    whileSeeded(opened, async (seeds, { store }, reference) => {
      for (const args of asked(seeds)) {
        const [found, wanted] = [await answer(store, query, args), await answer(reference, query, args)];
        assert.deepEqual(
          plain(found),
          plain(wanted),
          `${query}(${JSON.stringify(args)}) with seed ${seeds.random.seed}`,
        );
      }
    });
  return { method: query, check, sentence, run };
}

function answer(store: ObservabilityStorage, query: QueryName, args: object): Promise<unknown> {
  return (store[query] as (args: object) => Promise<unknown>).call(store, args);
}

/** Comparable: a store writes its cursors as it likes, and adds up in an order of its own. */
function plain(value: unknown, key?: string): unknown {
  if (key === 'nextCursor') return typeof value;
  if (typeof value === 'number') return Number(value.toPrecision(12));
  if (Array.isArray(value)) return value.map((inner) => plain(inner));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner, name)]));
}

/** Page by page, by cursor, with the same list as in one page. */
function walk(list: ListName): ReadCheck {
  const run = (opened: Opened) =>
    whileSeeded(opened, async (_, { store }) => {
      const whole = pageOf(await answer(store, list, { pagination: { perPage: 1_000 } }));
      const walked: unknown[] = [];
      let after: string | undefined;
      do {
        const pagination = { perPage: 7, ...(after !== undefined && { after }) };
        const page = pageOf(await answer(store, list, { pagination }));
        walked.push(...page.records);
        after = page.nextCursor;
      } while (after !== undefined && walked.length <= whole.records.length);
      assert.deepEqual(walked, whole.records);
    });
  return { method: list, check: 'cursor', sentence: 'page by page each record once', run };
}

function pageOf(answer: unknown): { records: unknown[]; nextCursor: string | undefined } {
  const { pagination, ...lists } = answer as { pagination: { nextCursor?: string } } & Record<
    string,
    unknown[]
  >;
  return { records: Object.values(lists)[0] as unknown[], nextCursor: pagination.nextCursor };
}

function traceQueries(query: (typeof OF_TRACE)[number], { random, spans }: Seeds): object[] {
  const chosen = Array.from({ length: 15 }, () => random.one(spans));
  const known = chosen.map(({ traceId, id }) => {
    if (query === 'getSpan') return { traceId, spanId: id };
    if (query === 'getSpans') return { traceId, spanIds: [id, 'unknown'] };
    if (query === 'getBranch')
      return { traceId, spanId: id, ...(random.chance(0.5) && { depth: random.below(2) }) };
    return { traceId };
  });
  return [...known, ...known.slice(0, 1).map((one) => ({ ...one, traceId: 'unknown' }))];
}

async function changes({ write, store }: Opened): Promise<void> {
  const { events, spans } = makeSeeds(SEED + 1);
  const span = (n: number) => ({ type: 'span.ended' as const, exportedSpan: spans[n]! });
  await write([span(0), events.logs[0]!]);
  const { cursor } = await store.getChanges();
  await write([span(1), events.logs[1]!, events.scores[1]!, events.feedback[1]!]);
  const found = await store.getChanges({ cursor });
  assert.equal(found.hasGap, false);
  assert.deepEqual(
    found.traces.map(({ traceId }) => traceId),
    [spans[1]!.traceId],
  );
  assert.deepEqual(found.logs, [events.logs[1]]);
  assert.deepEqual(found.scores, [events.scores[1]]);
  assert.deepEqual(found.feedback, [events.feedback[1]]);
  assert.deepEqual((await store.getChanges({ cursor: found.cursor })).traces, []);
  assert.equal(
    (await store.getChanges({ cursor: 'unknown' })).hasGap,
    true,
    'an unknown cursor tells of no gap',
  );
}

async function refused({ store }: Opened): Promise<void> {
  const asked = store.listTraces({ filters: { noSuchFilter: 'x' } } as object);
  await assert.rejects(
    asked,
    (error) => isObsError(error) && /OBS_STORE_QUERY.*noSuchFilter/s.test(error.message),
  );
}
