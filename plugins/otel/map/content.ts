import type { AnyExportedSpan } from '../../../core/index.ts';
import { inputMessages, outputMessages } from './messages.ts';
import { json, type PlainRecord, put, text } from './plain.ts';

/** What went in and came out of a span, by the names that fit the kind of work. Values are JSON text, texts are as they are. */
export function contentAttributes({ type, input, output, attributes }: AnyExportedSpan): PlainRecord {
  const named: PlainRecord = {};
  if (type === 'model_generation') {
    const reason = (attributes as PlainRecord | undefined)?.['finishReason'];
    const sent = inputMessages(input);
    const received = outputMessages(output, typeof reason === 'string' ? reason : undefined);
    put(named, sent ? 'gen_ai.input.messages' : 'obs.input', sent ? json(sent) : text(input));
    put(named, received ? 'gen_ai.output.messages' : 'obs.output', received ? json(received) : text(output));
    return named;
  }
  const [inName, outName] = NAMES[type] ?? ['obs.input', 'obs.output'];
  put(named, inName, text(input));
  put(named, outName, text(output));
  return named;
}

const NAMES: Partial<Record<AnyExportedSpan['type'], readonly [input: string, output: string]>> = {
  tool_call: ['gen_ai.tool.call.arguments', 'gen_ai.tool.call.result'],
  mcp_tool_call: ['gen_ai.tool.call.arguments', 'gen_ai.tool.call.result'],
};
