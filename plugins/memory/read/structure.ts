import type { AnswerTo } from './answer.ts';
import { inOrder } from './traces.ts';

/** The skeleton of a trace, column by column. */
export const getStructure: AnswerTo<'getStructure'> = ({ tracing }, { traceId }) => {
  const spans = inOrder(tracing.trace(traceId));
  if (spans.length === 0) return null;
  const startUnixMicro = spans[0]!.startUnixMicro;
  const spanId = spans.map(({ id }) => id);
  const positionOf = (id: string | undefined) =>
    id !== undefined && spanId.includes(id) ? spanId.indexOf(id) : null;
  const [names, name] = shared(spans.map((span) => span.name));
  const [types, type] = shared(spans.map((span) => span.type));
  const [statuses, status] = shared(spans.map((span) => span.status));
  return {
    traceId,
    startUnixMicro,
    ...{ names, types, statuses, spanId },
    parent: spans.map(({ parentSpanId }) => positionOf(parentSpanId)),
    name: name as number[],
    type: type as number[],
    status,
    start: spans.map((span) => span.startUnixMicro - startUnixMicro),
    duration: spans.map((span) =>
      span.endUnixMicro === undefined ? null : span.endUnixMicro - span.startUnixMicro,
    ),
  };
};

/** Each of many texts once, in the order of their first appearance, and where each of the many is among them. */
function shared(texts: readonly (string | undefined)[]): [string[], (number | null)[]] {
  const values = [...new Set(texts.filter((text) => text !== undefined))];
  return [values, texts.map((text) => (text === undefined ? null : values.indexOf(text)))];
}
