import { type ExportedSpan, printable } from '../../core/index.ts';
import { cost, count, counted, dateTime, duration } from './amounts.ts';
import type { TreeRow } from './forest.ts';
import type { Style } from './style.ts';
import { type Totals, totalsOf } from './totals.ts';
import { extentOf } from './waterfall.ts';
import { cutTo, widthOf } from './width.ts';

/** The status of a trace with how it is painted. */
export function statusWord(status: ExportedSpan['status'], style: Style): (text: string) => string {
  return { ok: style.green, error: style.red, running: style.yellow }[status];
}

/**
 * What is known of a trace as a whole, in as many lines as it takes: id, name, status, duration, spans, tokens, cost,
 * thread, user and session, start.
 */
export function headerLines(rows: readonly TreeRow[], width: number, style: Style): string[] {
  const spans = rows.map(({ span }) => span);
  const entry = spans.find(({ isRootSpan }) => isRootSpan) ?? spans[0];
  if (!entry) return [];
  const { start, end } = extentOf(spans);
  const totals = totalsOf(rows);
  const isRunning = spans.some(({ endUnixMicro }) => endUnixMicro === undefined);
  const errors = spans.filter(({ status }) => status === 'error').length;
  const facts: Fact[] = [
    { text: entry.traceId, paint: style.dim },
    { text: entry.name, paint: style.bold },
    { text: entry.status, paint: statusWord(entry.status, style) },
    { text: isRunning ? `${duration(end - start)} so far` : duration(end - start) },
    { text: counted(spans.length, 'span') },
    { text: errors > 0 ? counted(errors, 'error') : '', paint: style.red },
    { text: tokenFact(totals) },
    ...[...totals.cost].map(([currency, amount]) => ({ text: cost(amount, currency) })),
    ...belongingFacts(entry),
    { text: dateTime(new Date(start / 1000)), paint: style.dim },
  ];
  return wrapFacts(
    facts.filter(({ text }) => text !== ''),
    width,
  );
}

interface Fact {
  text: string;
  paint?: (text: string) => string;
}

function tokenFact({ inputTokens, outputTokens, cachedTokens }: Totals): string {
  if (inputTokens + outputTokens === 0) return '';
  const cached = cachedTokens > 0 ? ` (${count(cachedTokens)} cached)` : '';
  return `${count(inputTokens + outputTokens)} tok${cached}`;
}

function belongingFacts({ threadId, userId, sessionId }: ExportedSpan): Fact[] {
  const named = { thread: threadId, user: userId, session: sessionId };
  return Object.entries(named).map(([word, id]) => ({ text: id === undefined ? '' : `${word} ${id}` }));
}

function wrapFacts(facts: readonly Fact[], width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const { text, paint = (plain: string) => plain } of facts) {
    const shown = cutTo(printable(text), width);
    const columns = widthOf(shown);
    if (used > 0 && used + 2 + columns > width) {
      lines.push(line);
      [line, used] = ['', 0];
    }
    line += (used > 0 ? '  ' : '') + paint(shown);
    used += (used > 0 ? 2 : 0) + columns;
  }
  return [...lines, line];
}
