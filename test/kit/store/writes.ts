import assert from 'node:assert/strict';
import type {
  ExportedSpan,
  ObservabilityEvent,
  ObservabilityStorage,
  Signal,
  StorageStrategy,
  TracingEvent,
} from '../../../core/index.ts';
import { exportedSpan } from '../events.ts';
import type { Opened } from './opened.ts';
import { sample } from './samples.ts';
import { assertStored, recordOf, type Stored } from './stored.ts';

/** What a check of a write is given. */
export interface Write extends Opened {
  signal: Signal;
  strategy: StorageStrategy;
}

/** A check of the write side, made for every strategy of every signal that it is about. */
export interface WriteCheck {
  check: string;
  sentence: string;
  /** Default: all. */
  signals?: readonly Signal[];
  run(write: Write): Promise<void>;
}

const TEXTS = [
  'plain',
  '',
  '😀 漢字 é \u2028 \u202e',
  'a\u0000b\u0000',
  "Robert'); DROP TABLE spans; --",
  '\\ud800 "quoted" \\\\ %_ $1',
  '__proto__',
  'null',
];
const EMPTY = [null, '', 0, false, [], {}, [null, [], {}, ''], { a: null, b: '' }];
const NUMBERS = [
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  2 ** 53,
  1.7976931348623157e308,
  5e-324,
  0.1 + 0.2,
  -1,
];
/** What a 64-bit integer is in JSON that must not lose it. */
const INTEGER_TEXTS = ['9223372036854775807', '-9223372036854775808', '18446744073709551615'];
/** Before 1970, at 1970, microseconds that no Date shows, and the year 2250. */
const TIMES = [-1_000_000_000_001, -1, 0, 1, 1_767_323_045_678_901, 8_836_000_000_000_123];
const HUGE = 'long text with ümlauts '.repeat(50_000);

/** The checks of the write side. */
export const WRITE_CHECKS: readonly WriteCheck[] = [
  {
    check: 'equal',
    sentence: 'what goes in comes out equal',
    run: (write) =>
      keeps(
        write,
        [{}, {}, {}].map(() => sample(write.signal)),
      ),
  },
  {
    check: 'replay',
    sentence: 'the same events again change nothing',
    async run(write) {
      const events = [{}, {}, {}].map(() => sample(write.signal));
      await write.write(events);
      await write.write(events);
      await write.write([events[1]!, ...events]);
      await assertStored(write.store, write.signal, events.map(recordOf));
    },
  },
  {
    check: 'order',
    sentence: 'events come out right in whatever order they come',
    run: (write) => (write.signal === 'tracing' ? spansInAnyOrder(write) : eventsInAnyOrder(write)),
  },
  {
    check: 'texts',
    sentence: 'texts stay what they are: Unicode, emoji, NUL, quotes, empty',
    run: (write) =>
      keeps(
        write,
        TEXTS.map((text) => sample(write.signal, { text, json: { text } })),
      ),
  },
  {
    check: 'empty',
    sentence: 'null, empty and absent are three things',
    run: (write) =>
      keeps(
        write,
        EMPTY.map((json) => sample(write.signal, { json })),
      ),
  },
  {
    check: 'numbers',
    sentence: 'numbers are exact, and 64-bit integers in texts stay texts',
    async run(write) {
      const numbers = NUMBERS.map((number) => sample(write.signal, { number, json: { number } }));
      await keeps(write, [
        ...numbers,
        ...INTEGER_TEXTS.map((text) => sample(write.signal, { text, json: { text } })),
      ]);
    },
  },
  {
    check: 'times',
    sentence: 'times are exact to the microsecond, before 1970 and in the far future too',
    run: (write) =>
      keeps(
        write,
        TIMES.map((timeUnixMicro) => sample(write.signal, { timeUnixMicro })),
      ),
  },
  {
    check: 'concurrent',
    sentence: 'writers at the same time lose nothing and store nothing twice',
    run: concurrent,
  },
  {
    check: 'rootless',
    sentence: 'a trace whose root never comes can be read and is listed',
    signals: ['tracing'],
    run: rootless,
  },
  {
    check: 'late',
    sentence: 'a judgement that comes before its trace belongs to it',
    signals: ['scores', 'feedback'],
    run: late,
  },
  {
    check: 'huge',
    sentence: 'fields of a megabyte come out whole',
    run: (write) =>
      keeps(write, [sample(write.signal, { json: HUGE }), sample(write.signal, { json: [HUGE] })]),
  },
];

async function keeps({ write, store, signal }: Write, events: readonly ObservabilityEvent[]): Promise<void> {
  await write(events);
  await assertStored(store, signal, events.map(recordOf));
}

/** The end first, the start last, each in a batch of its own; and all at once, turned round. */
async function spansInAnyOrder({ write, store, strategy }: Write): Promise<void> {
  const lives = [life(), life()];
  for (const event of lives[0]!.toReversed()) await write([event]);
  await write(lives[1]!.toReversed());
  // What only an earlier snapshot says stays, where the strategy hands that snapshot over at all.
  const isWhole = strategy !== 'insert-only';
  await assertStored(
    store,
    'tracing',
    lives.map((events) => lastOf(events, isWhole)),
  );
}

function life(): TracingEvent[] {
  const ended = exportedSpan({ seq: 3, output: 'whole' });
  const running = { ...ended, status: 'running' as const, endTime: undefined, endUnixMicro: undefined };
  const snapshot = (more: object): ExportedSpan => exportedSpan({ ...running, output: undefined, ...more });
  return [
    { type: 'span.started', exportedSpan: snapshot({ seq: 1, input: 'question' }) },
    { type: 'span.updated', exportedSpan: snapshot({ seq: 2, output: 'half' }) },
    { type: 'span.ended', exportedSpan: ended },
  ];
}

function lastOf(events: readonly TracingEvent[], isWhole: boolean): ExportedSpan {
  const [first, last] = [events[0]!.exportedSpan, events.at(-1)!.exportedSpan];
  return isWhole ? { ...last, input: first.input } : last;
}

async function eventsInAnyOrder({ write, store, signal }: Write): Promise<void> {
  const micros = [3, 1, 2].map((second) => 1_767_323_045_000_001 + second * 1_000_000);
  const events = micros.map((timeUnixMicro) => sample(signal, { timeUnixMicro }));
  for (const event of events) await write([event]);
  await assertStored(store, signal, events.map(recordOf));
}

const WRITERS = 8;

/** Each writer has records of its own and some that all have. */
async function concurrent({ write, store, signal, strategy }: Write): Promise<void> {
  // The host has opened the store once something was written.
  const first = sample(signal);
  await write([first]);
  const shared = Array.from({ length: 3 }, () => recordOf(sample(signal)));
  const own = Array.from({ length: WRITERS }, () => [recordOf(sample(signal)), recordOf(sample(signal))]);
  await Promise.all(own.map((records) => writeAll(store, signal, strategy, [...records, ...shared])));
  await assertStored(store, signal, [recordOf(first), ...own.flat(), ...shared]);
}

async function writeAll(
  store: ObservabilityStorage,
  signal: Signal,
  strategy: StorageStrategy,
  all: readonly Stored[],
): Promise<void> {
  const records = all as never;
  if (signal === 'tracing' && strategy === 'realtime')
    await Promise.all((all as readonly ExportedSpan[]).map((span) => store.createSpan({ span })));
  else if (signal === 'tracing') await store.batchCreateSpans({ records });
  else if (signal === 'metrics') await store.batchCreateMetrics({ records });
  else if (signal === 'logs') await store.batchCreateLogs({ records });
  else if (signal === 'scores') await store.batchCreateScores({ records });
  else await store.batchCreateFeedback({ records });
}

async function rootless({ write, store }: Write): Promise<void> {
  const { traceId } = exportedSpan();
  const first = exportedSpan({
    traceId,
    parentSpanId: 'f'.repeat(16),
    startUnixMicro: 1_767_323_045_000_000,
  });
  const second = exportedSpan({ traceId, parentSpanId: first.id, startUnixMicro: 1_767_323_046_000_000 });
  const { total } = (await store.listTraces()).pagination;
  await write([first, second].map((span): TracingEvent => ({ type: 'span.ended', exportedSpan: span })));
  assert.deepEqual(await store.getTrace({ traceId }), { traceId, spans: [first, second] });
  assert.deepEqual(await store.getRootSpan({ traceId }), first);
  const { spans, pagination } = await store.listTraces({ filters: { traceId } });
  assert.equal(pagination.total, 1, 'the trace is not listed once');
  assert.equal(spans[0]?.id, first.id);
  assert.equal((await store.listTraces()).pagination.total, total + 1, 'the list counts it otherwise');
}

async function late({ write, store, signal }: Write): Promise<void> {
  const span = exportedSpan();
  const judgement = sample(signal, { traceId: span.traceId });
  await write([judgement]);
  await write([{ type: 'span.ended', exportedSpan: span }]);
  assert.deepEqual(await store.getSpan({ traceId: span.traceId, spanId: span.id }), span);
  const filters = { traceId: span.traceId };
  const found =
    signal === 'scores'
      ? (await store.listScores({ filters })).scores
      : (await store.listFeedback({ filters })).feedback;
  assert.deepEqual(found, [judgement]);
}
