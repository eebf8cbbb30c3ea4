import { type ExportedSpan, ObsError, type ObservabilityStorage, type Trace } from '../core/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { renderSpan } from './render/span.ts';
import { renderTrace } from './render/trace.ts';
import { withStore } from './stores.ts';
import { createTerminal, type Terminal } from './terminal.ts';
import { findTrace } from './trace-id.ts';

/** The options of `obs trace`. */
export interface TraceOptions {
  span?: string;
  store?: string;
  json?: boolean;
}

/** Shows one trace with all that is linked to it, or one of its spans in full. */
export async function trace({ span, store: key, json }: TraceOptions, id: string): Promise<ExitCode> {
  const terminal = createTerminal(json);
  return withStore(key, async (store) => {
    const found = await findTrace(store, id);
    if (span !== undefined) showSpan(findSpan(found, span), terminal);
    else await showTrace(store, found, terminal);
    return EXIT.ok;
  });
}

function showSpan(span: ExportedSpan, terminal: Terminal): void {
  if (terminal.isJson) terminal.json({ kind: 'span', ...span });
  else terminal.print(renderSpan(span, terminal));
}

function findSpan({ traceId, spans }: Trace, id: string): ExportedSpan {
  const matching = spans.filter((span) => span.id.startsWith(id));
  const span = matching.find((one) => one.id === id) ?? matching[0];
  if (!span) {
    throw new ObsError('OBS_TRACE_NOT_FOUND', `trace ${traceId} has no span "${id}"`, {
      hint: `\`obs trace ${traceId} --json\` lists its spans.`,
    });
  }
  if (span.id !== id && matching.length > 1) {
    const ids = matching.slice(0, 10).map((one) => `\n  ${one.id}  ${one.name}`);
    throw new ObsError('OBS_TRACE_AMBIGUOUS', `"${id}" begins ${matching.length} span ids:${ids.join('')}`, {
      hint: 'Give more characters of the span id.',
    });
  }
  return span;
}

async function showTrace(
  store: ObservabilityStorage,
  { traceId, spans }: Trace,
  terminal: Terminal,
): Promise<void> {
  const scores = await collect((page) => store.listScores(page), 'scores', traceId);
  const feedback = await collect((page) => store.listFeedback(page), 'feedback', traceId);
  const logs = await collect((page) => store.listLogs(page), 'logs', traceId);
  if (!terminal.isJson) {
    terminal.print(
      renderTrace(spans, { width: terminal.width, color: terminal.color, scores, feedback, logs }),
    );
    terminal.say(nextSteps(traceId, spans));
    return;
  }
  for (const span of spans) terminal.json({ kind: 'span', ...span });
  for (const event of [...scores, ...feedback, ...logs]) terminal.json({ kind: event.type, ...event });
}

/** Commands that lead on from a trace, to be copied; ids that a shell could take for more than a word are left out. */
function nextSteps(traceId: string, spans: readonly ExportedSpan[]): string {
  const { id } = spans.find(({ status }) => status === 'error') ?? spans[0]!;
  const { threadId } = spans[0]!;
  const steps = ['obs traces'];
  if (isPlainWord(traceId) && isPlainWord(id)) steps.unshift(`obs trace ${traceId} --span ${id}`);
  if (threadId !== undefined && isPlainWord(threadId)) steps.push(`obs traces --thread ${threadId}`);
  return `\nnext: npx ${steps.join('\n      npx ')}`;
}

function isPlainWord(id: string): boolean {
  return /^[\w.:][\w.:-]{0,63}$/.test(id);
}

type PageArgs = {
  filters: { traceId: string };
  pagination: { page: number; perPage: number };
  orderBy: { direction: 'ASC' };
};
type Page<K extends string, E> = { [key in K]: E[] } & { pagination: { hasMore: boolean } };

/** All pages of a list, the oldest first. A store that does not keep the signal has none. */
async function collect<K extends string, E>(
  list: (args: PageArgs) => Promise<Page<K, E>>,
  key: K,
  traceId: string,
): Promise<E[]> {
  const events: E[] = [];
  try {
    for (let page = 0, hasMore = true; hasMore; page++) {
      const args: PageArgs = {
        filters: { traceId },
        pagination: { page, perPage: 1_000 },
        orderBy: { direction: 'ASC' },
      };
      const result = await list(args);
      for (const event of result[key]) events.push(event);
      hasMore = result.pagination.hasMore;
    }
  } catch (error) {
    if ((error as { code?: string }).code !== 'OBS_STORE_METHOD_MISSING') throw error;
  }
  return events;
}
