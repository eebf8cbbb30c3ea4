import { isRecord, type PlainRecord } from './plain.ts';

/** A message of OpenTelemetry's GenAI conventions. */
interface Message {
  role: string;
  parts: PlainRecord[];
  [field: string]: unknown;
}

/**
 * Input of a model as messages of the conventions; undefined where it has another shape, so that nothing of it is lost or
 * guessed. A text is what the user said; lists of messages may hold text or parts in the shapes of common libraries.
 */
export function inputMessages(input: unknown): Message[] | undefined {
  if (typeof input === 'string') return [spoken('user', input)];
  const list = isRecord(input) && Object.keys(input).length === 1 ? input['messages'] : input;
  return Array.isArray(list) ? all(list, messageOf) : undefined;
}

/** Output of a model as messages of the conventions, see {@link inputMessages}; each says why it ended. */
export function outputMessages(output: unknown, finishReason: string | undefined): Message[] | undefined {
  const messages = spokenOutput(output) ?? messagesOf(output);
  // The schema of 1.41 wants a reason, and has no word for one that nobody knows.
  return messages?.map((message) => ({ finish_reason: finishReason ?? 'unknown', ...message }));
}

function spokenOutput(output: unknown): Message[] | undefined {
  if (typeof output === 'string') return [spoken('assistant', output)];
  const isOnlyText = isRecord(output) && Object.keys(output).join() === 'text';
  if (isOnlyText && typeof output['text'] === 'string') return [spoken('assistant', output['text'])];
  return undefined;
}

function messagesOf(output: unknown): Message[] | undefined {
  if (Array.isArray(output)) return all(output, messageOf);
  const message = isRecord(output) ? messageOf(output) : undefined;
  return message && [message];
}

function spoken(role: string, content: string): Message {
  return { role, parts: [{ type: 'text', content }] };
}

function messageOf(given: unknown): Message | undefined {
  if (!isRecord(given)) return undefined;
  const { role, content, parts, ...rest } = given;
  if (typeof role !== 'string') return undefined;
  const known = content === undefined ? partsOf(parts) : contentOf(content);
  if (!known || (content !== undefined && parts !== undefined)) return undefined;
  return Object.keys(rest).every((key) => KEPT.has(key)) ? { role, parts: known, ...rest } : undefined;
}

/** Further fields that the schema has. */
const KEPT = new Set(['name', 'finish_reason']);

function contentOf(content: unknown): PlainRecord[] | undefined {
  if (typeof content === 'string') return [{ type: 'text', content }];
  return Array.isArray(content) ? all(content, partOf) : undefined;
}

function partsOf(parts: unknown): PlainRecord[] | undefined {
  return Array.isArray(parts) ? all(parts, partOf) : undefined;
}

/** Parts of the conventions as they are; those of the AI SDK and of Anthropic translated; others keep type and fields. */
function partOf(given: unknown): PlainRecord | undefined {
  if (!isRecord(given) || typeof given['type'] !== 'string') return undefined;
  const { type, text, ...rest } = given;
  if (type === 'text' && typeof text === 'string') return { ...rest, type, content: text };
  if (type === 'tool-call') {
    const { toolCallId, toolName, input, args, ...more } = rest;
    return { ...more, type: 'tool_call', id: toolCallId, name: toolName, arguments: input ?? args };
  }
  if (type === 'tool-result') {
    const { toolCallId, output, result, ...more } = rest;
    return { ...more, type: 'tool_call_response', id: toolCallId, response: output ?? result };
  }
  if (type === 'tool_use') {
    const { input, ...more } = rest;
    return { ...more, type: 'tool_call', arguments: input };
  }
  return given;
}

/** All or nothing: a list with something unknown in it is better shown as it is. */
function all<V>(list: readonly unknown[], read: (item: unknown) => V | undefined): V[] | undefined {
  const known = list.map(read);
  return list.length > 0 && known.every((item) => item !== undefined) ? (known as V[]) : undefined;
}
