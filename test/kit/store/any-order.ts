import type { ExportedSpan, TracingEvent } from '../../../core/index.ts';
import { exportedSpan } from '../events.ts';
import { sample } from './samples.ts';
import { assertStored, recordOf } from './stored.ts';
import type { Write } from './writes.ts';

/** The end first, the start last, each in a batch of its own; and all at once, turned round. */
export async function spansInAnyOrder({ write, store, strategy }: Write): Promise<void> {
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

/** Each by itself, the newest first. */
export async function eventsInAnyOrder({ write, store, signal }: Write): Promise<void> {
  const micros = [3, 1, 2].map((second) => 1_767_323_045_000_001 + second * 1_000_000);
  const events = micros.map((timeUnixMicro) => sample(signal, { timeUnixMicro }));
  for (const event of events) await write([event]);
  await assertStored(store, signal, events.map(recordOf));
}
