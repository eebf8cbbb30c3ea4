import { isDeepStrictEqual } from 'node:util';
import { spanIdOf } from './identity.ts';
import { contentFields, type TraceShare } from './langfuse-spans.ts';
import { leftovers, requiredIsoMicro } from './langfuse-values.ts';
import type { ImportedSpan } from './lifecycle.ts';
import { meaningful, type RawRecord, textOf, unlessEmpty } from './record.ts';

/** Fields of a trace without a place of ours; they are kept in `attributes.langfuse.trace`. */
const OTHER_FIELDS = ['release', 'version', 'bookmarked', 'public', 'projectId', 'createdAt', 'updatedAt'];

/**
 * Gives what a Langfuse trace says as a whole to the span that is its entry. With one top observation, that is the
 * entry: it keeps its own name, input, output and metadata, is given what it lacks of the trace's, and what differs is
 * kept in `attributes.langfuse.trace`. With none or several, which Langfuse allows since there the trace itself is the
 * top, a span stands for the trace: named like it, with an id made of the trace's, above the observations without
 * parent, and marked by `attributes.langfuse.isTrace`. Where observations were lost, no span is made up.
 */
export function withEntry(
  trace: RawRecord,
  share: TraceShare,
  spans: ImportedSpan[],
  isWhole: boolean,
): ImportedSpan[] {
  const entry = onlyEntry(spans, isWhole);
  if (entry) return spans.map((span) => (span === entry ? entryOf(trace, span) : span));
  if (!isWhole) return spans;
  const root = rootOf(trace, share, spans);
  const below = spans.map((span) =>
    span.parentSpanId === undefined ? { ...span, parentSpanId: root.id } : span,
  );
  return [root, ...below];
}

/** The only span without parent, else the only one whose parent lies elsewhere; undefined when that is not clear. */
function onlyEntry(spans: ImportedSpan[], isWhole: boolean): ImportedSpan | undefined {
  const ids = new Set(spans.map(({ id }) => id));
  const parentless = spans.filter(({ parentSpanId }) => parentSpanId === undefined);
  if (parentless.length > 0) return parentless.length === 1 ? parentless[0] : undefined;
  const orphans = spans.filter(({ parentSpanId }) => !ids.has(parentSpanId!));
  return isWhole && orphans.length === 1 ? orphans[0] : undefined;
}

function entryOf(trace: RawRecord, span: ImportedSpan): ImportedSpan {
  const ofTrace = contentFields(trace);
  const metadata = { ...ofTrace.metadata, ...span.metadata };
  const differing = Object.entries(ofTrace.metadata ?? {}).filter(
    ([key, value]) => !isDeepStrictEqual(metadata[key], value),
  );
  const entry: ImportedSpan = {
    ...ofTrace,
    ...span,
    isRootSpan: true,
    ...tagsOf(trace),
    ...unlessEmpty('metadata', metadata),
  };
  const kept = meaningful({
    name: textOf(trace, 'name') === entry.name ? undefined : trace['name'],
    input: isDeepStrictEqual(ofTrace.input, entry.input) ? undefined : ofTrace.input,
    output: isDeepStrictEqual(ofTrace.output, entry.output) ? undefined : ofTrace.output,
    metadata: Object.fromEntries(differing),
    ...leftovers(trace, OTHER_FIELDS),
  });
  const langfuse = entry.attributes?.['langfuse'] as RawRecord | undefined;
  return { ...entry, attributes: { ...entry.attributes, langfuse: { ...langfuse, trace: kept } } };
}

function rootOf(trace: RawRecord, { traceId, correlation }: TraceShare, spans: ImportedSpan[]): ImportedSpan {
  const timestamp = requiredIsoMicro(trace, 'timestamp');
  const startUnixMicro = spans.reduce((first, span) => Math.min(first, span.startUnixMicro), timestamp);
  const isRunning = spans.some((span) => span.endUnixMicro === undefined);
  const endUnixMicro = spans.reduce((last, span) => Math.max(last, span.endUnixMicro ?? 0), timestamp);
  return {
    id: spanIdOf('langfuse', traceId),
    traceId,
    name: textOf(trace, 'name') ?? 'trace',
    type: 'generic',
    isRootSpan: true,
    isEvent: false,
    status: isRunning ? 'running' : 'ok',
    startTime: new Date(startUnixMicro / 1000),
    startUnixMicro,
    ...correlation,
    ...contentFields(trace),
    ...tagsOf(trace),
    attributes: { langfuse: { isTrace: true, trace: leftovers(trace, OTHER_FIELDS) } },
    ...(!isRunning && { endTime: new Date(endUnixMicro / 1000), endUnixMicro }),
  };
}

function tagsOf(trace: RawRecord): { tags?: string[] } {
  const { tags } = trace;
  return Array.isArray(tags) && tags.length > 0 ? { tags: tags.map(String) } : {};
}
