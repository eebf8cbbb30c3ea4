import type { ObservabilityEvent } from '../../core/index.ts';
import type { Imported, Importer } from './importer.ts';
import { readJson } from './json-text.ts';
import { BadRecord, isRecord, type RawRecord, RecordWalk, requiredText, shown } from './record.ts';

/** Reads the lines of the plugin `json` and of `obs export --format jsonl`: one event on each. */
export const importJsonl: Importer = (text) => {
  const imported: Imported = { events: [], problems: [] };
  for (const document of readJson(text)) {
    const walk = new RecordWalk(document, imported.problems);
    const { value } = document;
    if (!isRecord(value)) walk.refuseDocument('an object was expected');
    else {
      const event = walk.take({ record: value, pointer: '' }, eventOf);
      if (event) imported.events.push(event);
    }
  }
  return imported;
};

const SPAN_TYPES = ['span.started', 'span.updated', 'span.ended', 'span.error'];
/** Where the events of the other signals have what they say, and which text it must have. */
const CONTENT: Record<string, readonly [place: string | undefined, field: string]> = {
  metric: [undefined, 'name'],
  log: ['record', 'message'],
  score: ['score', 'scorerId'],
  feedback: ['feedback', 'feedbackType'],
};

/** The event of a line: without what the line adds, and with Dates again. */
function eventOf({ time: _time, signal: _signal, ...line }: RawRecord): ObservabilityEvent {
  const type = requiredText(line, 'type');
  if (SPAN_TYPES.includes(type)) {
    return { ...line, exportedSpan: spanOf(innerOf(line, 'exportedSpan')) } as unknown as ObservabilityEvent;
  }
  const content = Object.hasOwn(CONTENT, type) ? CONTENT[type] : undefined;
  if (!content) throw new BadRecord('/type', `an event was expected, got ${shown(type)}`);
  const [place, field] = content;
  requiredText(line, 'id');
  requiredText(place === undefined ? line : innerOf(line, place), field);
  return { ...line, timestamp: dateOf(line, 'timeUnixMicro') } as unknown as ObservabilityEvent;
}

function spanOf(span: RawRecord): RawRecord {
  for (const key of ['id', 'traceId', 'name', 'type']) requiredText(span, key);
  if (!Number.isSafeInteger(span['seq']))
    throw new BadRecord('/exportedSpan/seq', 'a whole number was expected');
  const hasEnded = span['endUnixMicro'] !== undefined;
  return {
    ...span,
    startTime: dateOf(span, 'startUnixMicro'),
    ...(hasEnded && { endTime: dateOf(span, 'endUnixMicro') }),
  };
}

function innerOf(line: RawRecord, key: string): RawRecord {
  const inner = line[key];
  if (isRecord(inner)) return inner;
  throw new BadRecord(`/${key}`, `an object was expected, got ${shown(inner)}`);
}

function dateOf(holder: RawRecord, key: string): Date {
  const micro = holder[key];
  if (Number.isSafeInteger(micro)) return new Date((micro as number) / 1_000);
  throw new BadRecord(`/${key}`, `microseconds since the epoch were expected, got ${shown(micro)}`);
}
