import type { AnyExportedSpan, SpanErrorInfo } from '../../../core/index.ts';
import { correlationIn, METADATA_KEYS } from '../shape/correlation.ts';
import type { MastraError, MastraSpan } from '../shape/span.ts';
import { MASTRA_SPAN_TYPE, mastraTypeOf } from '../shape/span-types.ts';
import { toMastraAttributes } from './attributes.ts';

/** The service is told once, at the start. */
const SHOWN_KEYS = METADATA_KEYS.filter((key) => key !== 'serviceName');

/** A span of ours as Mastra's exporters know one. Microseconds, links, scope and what was cut have no place there. */
export function toMastraSpan(span: AnyExportedSpan): MastraSpan {
  const { id, traceId, name, isRootSpan, isEvent, startTime, endTime, input, output, tags } = span;
  const type = span.attributes?.[MASTRA_SPAN_TYPE] ?? mastraTypeOf(span.type);
  return {
    id,
    traceId,
    ...parentOf(span),
    name,
    type: String(type),
    isRootSpan,
    isEvent,
    ...entityOf(span, String(type)),
    startTime,
    ...(endTime && { endTime }),
    ...(input !== undefined && { input }),
    ...(output !== undefined && { output }),
    ...nonEmpty('attributes', toMastraAttributes(span)),
    ...nonEmpty('metadata', { ...correlationIn(span, SHOWN_KEYS), ...span.metadata }),
    ...(tags && isRootSpan && { tags: [...tags] }),
    ...(span.errorInfo && { errorInfo: toMastraError(span.errorInfo) }),
  };
}

/** Some exporters send empty values for what they look for in attributes that are there and empty. */
function nonEmpty<K extends 'attributes' | 'metadata'>(key: K, value: Record<string, unknown>) {
  return (Object.keys(value).length > 0 ? { [key]: value } : {}) as { [P in K]?: Record<string, unknown> };
}

/** A parent in another process is one that Mastra did not make: exporters must not wait for its start. */
function parentOf({ parentSpanId, isRootSpan }: AnyExportedSpan): Partial<MastraSpan> {
  if (parentSpanId === undefined) return {};
  return isRootSpan ? { externalParentSpanId: parentSpanId } : { parentSpanId };
}

const ENTITY_TYPES: Record<string, string> = {
  agent_run: 'agent',
  tool_call: 'tool',
  mcp_tool_call: 'tool',
  provider_tool_call: 'tool',
  client_tool_call: 'tool',
  workflow_run: 'workflow_run',
  workflow_step: 'workflow_step',
};

/** Agents, tools and workflows are shown by the name of their entity; without one some exporters show `{}`. */
function entityOf(span: AnyExportedSpan, type: string): Partial<MastraSpan> {
  const known = ENTITY_TYPES[type];
  const entityType = span.entityType ?? known;
  const entityName = span.entityName ?? (known && span.name);
  const stepId = span.attributes?.['stepId'];
  const entityId = span.entityId ?? (typeof stepId === 'string' ? stepId : known && entityName);
  return {
    ...(entityType && { entityType }),
    ...(entityId && { entityId }),
    ...(entityName && { entityName }),
  };
}

/** Where Mastra's exporters look: the code as the id, the stack among the details too. */
function toMastraError({ message, name, code, stack, details }: SpanErrorInfo): MastraError {
  return {
    message,
    ...(code !== undefined && { id: code }),
    ...(name !== undefined && { name }),
    ...(stack !== undefined && { stack }),
    ...((details || stack !== undefined) && {
      details: { ...details, ...(stack !== undefined && { stack }) },
    }),
  };
}
