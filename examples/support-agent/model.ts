import { setTimeout as sleep } from 'node:timers/promises';
import type { Cost, UsageStats } from 'obs-kit';

/** A message of the conversation. */
export interface Message {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string;
}

/** What the model answers: text, or a wish to call a tool. */
export interface Reply {
  text?: string;
  toolCall?: { id: string; name: string; arguments: Record<string, unknown> };
  usage: UsageStats;
  cost: Cost;
}

/** A model that needs no network: it plays replies from a script and takes a moment over each. */
export interface Model {
  readonly name: string;
  readonly provider: string;
  generate(messages: readonly Message[]): Promise<Reply>;
}

const DOLLARS_PER_INPUT_TOKEN = 0.000_003;
const DOLLARS_PER_OUTPUT_TOKEN = 0.000_015;

/** The wording of one scripted reply. */
export type ScriptedReply = Pick<Reply, 'text' | 'toolCall'>;

/** A model that answers with the replies of `script`, in order. */
export function scriptedModel(script: readonly ScriptedReply[]): Model {
  let position = 0;

  return {
    name: 'paper-1',
    provider: 'examples',
    async generate(messages) {
      await sleep(40);
      const reply = script[position++];
      if (!reply) throw new Error(`the script has no reply number ${position}`);
      return { ...reply, ...price(messages, reply) };
    },
  };
}

function price(messages: readonly Message[], reply: ScriptedReply): Pick<Reply, 'usage' | 'cost'> {
  const inputTokens = tokens(messages.map(({ content }) => content).join(' '));
  const outputTokens = tokens(reply.text ?? JSON.stringify(reply.toolCall));
  const cacheRead = Math.floor(inputTokens / 2);
  const input = inputTokens * DOLLARS_PER_INPUT_TOKEN;
  const output = outputTokens * DOLLARS_PER_OUTPUT_TOKEN;
  return {
    usage: {
      inputTokens,
      outputTokens,
      inputDetails: { text: inputTokens - cacheRead, cacheRead },
      outputDetails: { text: outputTokens },
    },
    cost: { input, output, total: input + output },
  };
}

function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}
