import type { ScoreEvent, ScoreInput } from '../../core/index.ts';
import { correlationOf, type TraceShare } from './langfuse-spans.ts';
import { isoMicro, leftovers, metadataOf, requiredIsoMicro } from './langfuse-values.ts';
import { BadRecord, type RawRecord, requiredText, shown, textOf, unlessEmpty } from './record.ts';

/** Fields of a score without a place of ours; they are kept in `metadata.langfuse`. */
const OTHER_FIELDS = ['dataType', 'configId', 'queueId', 'authorUserId', 'executionTraceId', 'datasetRunId'];

/**
 * The event of one Langfuse score. A number is the score and a `stringValue` the label; the number of a categorical
 * score only encodes its label and is left out. The comment is the reason.
 */
export function scoreEvent(raw: RawRecord, share: TraceShare): ScoreEvent {
  const timeUnixMicro = isoMicro(raw, 'timestamp') ?? requiredIsoMicro(raw, 'createdAt');
  const spanId = textOf(raw, 'observationId');
  return {
    type: 'score',
    id: requiredText(raw, 'id'),
    traceId: textOf(raw, 'traceId') ?? share.traceId,
    score: judgementOf(raw),
    timestamp: new Date(timeUnixMicro / 1000),
    timeUnixMicro,
    correlation: { ...share.correlation, ...correlationOf(raw) },
    ...(spanId !== undefined && { spanId }),
  };
}

function judgementOf(raw: RawRecord): ScoreInput {
  const label = textOf(raw, 'stringValue') ?? textOf(raw, 'longStringValue');
  const { value } = raw;
  const score = typeof value === 'number' && raw['dataType'] !== 'CATEGORICAL' ? value : undefined;
  if (score === undefined && label === undefined) {
    throw new BadRecord('/value', `a number or a stringValue was expected, got ${shown(value)}`);
  }
  const reason = textOf(raw, 'comment');
  const source = textOf(raw, 'source');
  return {
    scorerId: requiredText(raw, 'name'),
    ...(score !== undefined && { score }),
    ...(label !== undefined && { label }),
    ...(reason !== undefined && { reason }),
    ...(source !== undefined && { source }),
    ...unlessEmpty('metadata', {
      ...metadataOf(raw),
      ...unlessEmpty('langfuse', leftovers(raw, OTHER_FIELDS)),
    }),
  };
}
