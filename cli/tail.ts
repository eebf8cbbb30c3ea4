import { setTimeout as sleep } from 'node:timers/promises';
import type { Changes, ObservabilityStorage } from '../core/index.ts';
import type { ExitCode } from './exit-codes.ts';
import { createStyle } from './render/style.ts';
import { feedbackTail, logTail, scoreTail, traceTail } from './render/tail-line.ts';
import { stopOnInterrupt } from './stop-on-interrupt.ts';
import { withStore } from './stores.ts';
import { createTerminal, type Terminal } from './terminal.ts';

/** What can be followed. */
export type TailSignal = 'tracing' | 'logs' | 'scores' | 'feedback';

/** The options of `obs tail`. */
export interface TailOptions {
  signals?: TailSignal[];
  store?: string;
  json?: boolean;
}

const POLL_MS = 250;
/** Most changes of one look; where there are that many, the next look follows at once. */
const MAX_CHANGES = 200;

/** Follows what is being stored, a line for each thing, until it is interrupted. */
export function tail({ signals, store: key, json }: TailOptions): Promise<ExitCode> {
  const terminal = createTerminal(json);
  const isWanted = (signal: TailSignal) => signals?.includes(signal) ?? true;
  return withStore(key, (store) => stopOnInterrupt((signal) => follow(store, isWanted, terminal, signal)));
}

async function follow(
  store: ObservabilityStorage,
  isWanted: (signal: TailSignal) => boolean,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  let { cursor } = await store.getChanges({}, { signal });
  terminal.say('following what is being stored; Ctrl+C ends');
  for (;;) {
    const changes = await store.getChanges({ cursor, limit: MAX_CHANGES }, { signal });
    show(changes, isWanted, terminal);
    cursor = changes.cursor;
    if (countOf(changes) < MAX_CHANGES) await sleep(POLL_MS, undefined, { signal });
  }
}

function countOf({ traces, logs, scores, feedback }: Changes): number {
  return traces.length + logs.length + scores.length + feedback.length;
}

/** One thing that was stored: when it was, its JSON, its line for people. */
interface Shown {
  at: number;
  record: object;
  line: () => string;
}

/** What one look found, by the time of what happened: within a look that is near enough to the order of storing. */
function show(changes: Changes, isWanted: (signal: TailSignal) => boolean, terminal: Terminal): void {
  if (changes.hasGap)
    terminal.say('some of what came may be missing here: `obs traces` and `obs logs` list all of it');
  const style = createStyle(terminal.color);
  const found: Record<TailSignal, Shown[]> = {
    tracing: changes.traces.map((trace) => ({
      at: trace.endUnixMicro ?? trace.startUnixMicro,
      record: { kind: 'trace', ...trace },
      line: () => traceTail(trace, style),
    })),
    logs: changes.logs.map((log) => shownEvent(log, () => logTail(log, style))),
    scores: changes.scores.map((score) => shownEvent(score, () => scoreTail(score, style))),
    feedback: changes.feedback.map((given) => shownEvent(given, () => feedbackTail(given, style))),
  };
  const signals = (Object.keys(found) as TailSignal[]).filter(isWanted);
  for (const { record, line } of signals.flatMap((signal) => found[signal]).sort((a, b) => a.at - b.at)) {
    if (terminal.isJson) terminal.json(record);
    else terminal.print(line());
  }
}

function shownEvent(event: { type: string; timeUnixMicro: number }, line: () => string): Shown {
  return { at: event.timeUnixMicro, record: { kind: event.type, ...event }, line };
}
