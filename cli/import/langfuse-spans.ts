import type { Correlation, Scope, SpanErrorInfo, SpanType } from '../../core/index.ts';
import { modelAttributes, modelLeftovers } from './langfuse-model.ts';
import { contentOf, isoMicro, leftovers, metadataOf, renamed, requiredIsoMicro } from './langfuse-values.ts';
import type { ImportedSpan } from './lifecycle.ts';
import { type RawRecord, recordOf, requiredText, textOf, unlessEmpty } from './record.ts';

const TYPES: Record<string, SpanType> = {
  GENERATION: 'model_generation',
  AGENT: 'agent_run',
  TOOL: 'tool_call',
  CHAIN: 'workflow_run',
  RETRIEVER: 'retrieval',
  EMBEDDING: 'embedding',
  EVALUATOR: 'scorer_run',
  GUARDRAIL: 'processor_run',
};

/** Fields of an observation without a place of ours; they are kept in `attributes.langfuse`. */
const OTHER_FIELDS = [
  'version',
  'promptId',
  'promptName',
  'promptVersion',
  'toolDefinitions',
  'toolCalls',
  'projectId',
  'createdAt',
  'updatedAt',
];

/** What a trace gives to each of its spans. */
export interface TraceShare {
  traceId: string;
  correlation: Correlation;
}

/** The correlation that a Langfuse record carries itself. */
export function correlationOf(record: RawRecord): Correlation {
  const names = { userId: 'userId', sessionId: 'sessionId', environment: 'environment' } as const;
  return { ...renamed(record, names), source: 'langfuse' };
}

/** The span of one Langfuse observation. Its type as given, level and the like are in `attributes.langfuse`. */
export function observationSpan(raw: RawRecord, share: TraceShare): ImportedSpan {
  const startUnixMicro = requiredIsoMicro(raw, 'startTime');
  const type = requiredText(raw, 'type');
  const isEvent = type === 'EVENT';
  const endUnixMicro = isEvent ? startUnixMicro : isoMicro(raw, 'endTime');
  const parentSpanId = textOf(raw, 'parentObservationId');
  return {
    id: requiredText(raw, 'id'),
    traceId: textOf(raw, 'traceId') ?? share.traceId,
    name: textOf(raw, 'name') ?? type.toLowerCase(),
    type: TYPES[type] ?? 'generic',
    isRootSpan: false,
    isEvent,
    status: isError(raw) ? 'error' : endUnixMicro === undefined ? 'running' : 'ok',
    startTime: new Date(startUnixMicro / 1000),
    startUnixMicro,
    ...share.correlation,
    ...renamed(raw, { environment: 'environment' }),
    ...originOf(metadataOf(raw)),
    ...contentFields(raw),
    ...unlessEmpty('attributes', attributesOf(raw, type, startUnixMicro)),
    ...(parentSpanId !== undefined && { parentSpanId }),
    ...(endUnixMicro !== undefined && { endTime: new Date(endUnixMicro / 1000), endUnixMicro }),
    ...(isError(raw) && { errorInfo: errorOf(raw) }),
  };
}

/** Input, output and metadata, where there are any. */
export function contentFields(raw: RawRecord): Pick<ImportedSpan, 'input' | 'output' | 'metadata'> {
  const input = contentOf(raw, 'input');
  const output = contentOf(raw, 'output');
  return {
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    ...unlessEmpty('metadata', metadataOf(raw)),
  };
}

/** Langfuse keeps resource and scope of OpenTelemetry spans in their metadata; they stay there too. */
function originOf(metadata: RawRecord): { serviceName?: string; scope?: Scope } {
  const scope = recordOf(metadata, 'scope');
  const name = textOf(scope, 'name');
  const version = textOf(scope, 'version');
  return {
    ...renamed(recordOf(metadata, 'resourceAttributes'), { 'service.name': 'serviceName' }),
    ...(name !== undefined && {
      scope: {
        name,
        ...(version !== undefined && { version }),
        ...unlessEmpty('attributes', recordOf(scope, 'attributes')),
      },
    }),
  };
}

function attributesOf(raw: RawRecord, type: string, startUnixMicro: number): RawRecord {
  const firstToken = isoMicro(raw, 'completionStartTime');
  const level = textOf(raw, 'level');
  const langfuse = {
    type,
    ...(level !== undefined && level !== 'DEFAULT' && { level }),
    ...(!isError(raw) && leftovers(raw, ['statusMessage'])),
    ...(firstToken === undefined && leftovers(raw, ['timeToFirstToken'])),
    ...leftovers(raw, OTHER_FIELDS),
    ...modelLeftovers(raw),
  };
  return { ...modelAttributes(raw, startUnixMicro, firstToken), langfuse };
}

function isError(raw: RawRecord): boolean {
  return raw['level'] === 'ERROR';
}

function errorOf(raw: RawRecord): SpanErrorInfo {
  return { message: textOf(raw, 'statusMessage') ?? 'the observation has level ERROR' };
}
