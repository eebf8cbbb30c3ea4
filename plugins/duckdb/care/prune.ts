import type { PruneReport, Signal } from '../../../core/index.ts';
import { type CareContext, readLimits } from './context.ts';
import {
  countLinked,
  type DeletedTraces,
  deleteEvents,
  deleteTraces,
  deleteUnusedSeries,
  hasUnusedSeries,
} from './delete-doomed.ts';
import {
  type Doomed,
  type DoomedTraces,
  EVENT_TABLE,
  type EventSignal,
  findDoomed,
  oldestKept,
} from './doomed.ts';

type Entry = PruneReport['deleted'][number];

/**
 * Deletes what the retention no longer wants: in transactions of a bounded size, so that writes go on between them.
 * With `dryRun` it says exactly what would go.
 */
export async function prune(
  context: CareContext,
  { dryRun = false }: { dryRun?: boolean },
): Promise<PruneReport> {
  const { database, commits } = context;
  const retention = database.options.retention ?? {};
  // What is in the log only has no size yet. Where this fails the sizes are those of the last time.
  if (Object.values(retention).some((rule) => rule?.maxBytes)) await database.checkpoint().catch(() => {});
  const nowMs = Date.now();
  const doomed = await database.read(
    (connection) => findDoomed(connection, retention, nowMs, dryRun),
    readLimits(context),
  );
  const tally = new Tally(dryRun);
  for (const signal of ['tracing', ...Object.keys(EVENT_TABLE)] as Signal[]) {
    tally.beforeOf(signal, oldestKept(retention[signal], nowMs));
  }
  // What has no rule of its own goes with its trace. Metrics do not: they are kept to be compared over a longer time.
  const linked = (['logs', 'scores', 'feedback'] as const).filter(
    (signal) => retention[signal] === undefined,
  );
  if (dryRun) await foretell(context, doomed, linked, tally);
  else await carryOut(context, doomed, linked, tally);
  if (!dryRun && (await database.read(hasUnusedSeries, readLimits(context))))
    await deleteUnusedSeries(commits);
  return tally.report;
}

async function foretell(
  context: CareContext,
  { traces, events }: Doomed,
  linked: readonly EventSignal[],
  tally: Tally,
): Promise<void> {
  // The count of a part holds those of the parts before it: nothing of them is deleted.
  let before: DeletedTraces['linked'] = {};
  for (const part of traces) {
    const upto = await context.database.read(
      (connection) => countLinked(connection, part, linked),
      readLimits(context),
    );
    const counts = linked.map((signal) => [signal, (upto[signal] ?? 0) - (before[signal] ?? 0)]);
    tally.addTraces(part, {
      traces: part.traces ?? 0,
      spans: part.records,
      linked: Object.fromEntries(counts),
    });
    before = upto;
  }
  for (const { signal, why, records, untilMicros } of events) tally.add(signal, why, records, untilMicros);
}

async function carryOut(
  { commits, signal, onProgress }: CareContext,
  { traces, events }: Doomed,
  linked: readonly EventSignal[],
  tally: Tally,
): Promise<void> {
  const total = sumOf(traces) + sumOf(events);
  let done = 0;
  const step = (records: number) => {
    done += records;
    onProgress?.(Math.min(done, total), total);
    signal?.throwIfAborted();
  };
  for (const part of traces) {
    tally.addTraces(part, await deleteTraces(commits, part, linked));
    step(part.records);
  }
  for (const one of events) {
    tally.add(one.signal, one.why, await deleteEvents(commits, one, step), one.untilMicros);
  }
}

function sumOf(doomed: readonly { records: number }[]): number {
  return doomed.reduce((sum, { records }) => sum + records, 0);
}

/** Adds up what goes, by signal and reason. */
class Tally {
  readonly #isDryRun: boolean;
  readonly #entries = new Map<string, Entry>();
  readonly #before = new Map<Signal, Date>();
  #traces = 0;

  constructor(isDryRun: boolean) {
    this.#isDryRun = isDryRun;
  }

  get report(): PruneReport {
    return { isDryRun: this.#isDryRun, deleted: [...this.#entries.values()], traces: this.#traces };
  }

  /** The moment up to which the age of a signal's records is too much. */
  beforeOf(signal: Signal, micros: number | undefined): void {
    if (micros !== undefined) this.#before.set(signal, new Date(micros / 1_000));
  }

  addTraces({ why, untilMicros }: DoomedTraces, { traces, spans, linked }: DeletedTraces): void {
    this.#traces += traces;
    this.add('tracing', why, spans, untilMicros);
    for (const [signal, records] of Object.entries(linked)) {
      this.add(signal as Signal, why, records, untilMicros, this.#before.get('tracing'));
    }
  }

  /** Of what goes for its size, `untilMicros` is the time of the newest. */
  add(
    signal: Signal,
    why: 'age' | 'size',
    records: number,
    untilMicros: number,
    before = this.#before.get(signal),
  ): void {
    if (records === 0) return;
    const key = `${signal} ${why}`;
    const entry = this.#entries.get(key) ?? { signal, records: 0, why };
    entry.records += records;
    if (why === 'age' && before) entry.before = before;
    if (why === 'size') entry.before = new Date(Math.ceil(untilMicros / 1_000));
    this.#entries.set(key, entry);
  }
}
