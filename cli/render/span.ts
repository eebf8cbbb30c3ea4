import { CORRELATION_KEYS, type ExportedSpan, printable } from '../../core/index.ts';
import { dateTime } from './amounts.ts';
import { durationOf, errorLine, kindOf, usageNote } from './span-words.ts';
import { createStyle } from './style.ts';
import { statusWord } from './trace-header.ts';

/** One span in full, for people: what it is, who it belongs to, then its contents as indented JSON. */
export function renderSpan(span: ExportedSpan, { color }: { color: boolean }): string {
  const style = createStyle(color);
  const facts: [string, string | undefined][] = [
    ['span', span.id],
    ['trace', span.traceId],
    ['parent', span.parentSpanId],
    ['kind', kindOf(span)],
    ['status', span.status],
    ['started', `${dateTime(span.startTime)}  (${span.startTime.toISOString()})`],
    ['duration', durationOf(span)],
    ['usage', usageNote(span)],
    ['tags', span.tags?.join(', ')],
    ['scope', span.scope && [span.scope.name, span.scope.version].filter(Boolean).join(' ')],
    ...CORRELATION_KEYS.map((key): [string, string | undefined] => [key, span[key]]),
  ];
  const lines = facts.flatMap(([word, value]) =>
    value ? [`${style.dim(word.padEnd(14))}  ${printable(value)}`] : [],
  );
  const parts = ['input', 'output', 'attributes', 'metadata', 'links', 'truncated'] as const;
  const sections = parts.flatMap((part) =>
    span[part] === undefined ? [] : ['', style.bold(part), jsonOf(span[part])],
  );
  const title = statusWord(span.status, style)(printable(span.name));
  return [title, ...lines, ...errorSection(span, style.red), ...sections].join('\n');
}

function errorSection({ errorInfo }: ExportedSpan, paint: (text: string) => string): string[] {
  if (!errorInfo) return [];
  const { stack, details } = errorInfo;
  const more = [stack, details && JSON.stringify(details, null, 2)].filter((part) => part !== undefined);
  return [
    '',
    paint(printable(errorLine(errorInfo))),
    ...more.map((part) => printable(part, { keepLines: true })),
  ];
}

function jsonOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return printable(text, { keepLines: true });
}
