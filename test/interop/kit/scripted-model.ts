/** One answer of a {@link scriptedModel}: text, or a call of a tool. */
export type ModelAnswer = { text: string } | { toolName: string; input: object };

const USAGE = {
  inputTokens: 100,
  outputTokens: 20,
  totalTokens: 120,
  reasoningTokens: 5,
  cachedInputTokens: 40,
};

/**
 * A language model, version 2 of the AI SDK's interface, that gives these answers one after the other and reports the
 * same usage each time. It needs no network.
 */
export function scriptedModel(answers: readonly ModelAnswer[]) {
  let calls = 0;
  const next = () => {
    const answer = answers[calls++];
    if (!answer) throw new Error(`call ${calls} of the model was not expected`);
    const isText = 'text' in answer;
    const finishReason = isText ? 'stop' : 'tool-calls';
    const response = { id: `response-${calls}`, modelId: 'scripted-2026', timestamp: new Date() };
    return { answer, finishReason, response, usage: USAGE, warnings: [] };
  };
  return {
    specificationVersion: 'v2' as const,
    provider: 'scripted',
    modelId: 'scripted',
    supportedUrls: {},
    async doGenerate() {
      const { answer, ...rest } = next();
      return { content: [contentOf(answer)], ...rest };
    },
    async doStream() {
      const { answer, finishReason, response, usage } = next();
      const parts = [
        { type: 'stream-start', warnings: [] },
        { type: 'response-metadata', ...response },
        ...streamOf(answer),
        { type: 'finish', finishReason, usage },
      ];
      return { stream: ReadableStream.from(parts), request: {}, response: {} };
    },
  };
}

function contentOf(answer: ModelAnswer): object {
  if ('text' in answer) return { type: 'text', text: answer.text };
  const { toolName, input } = answer;
  return { type: 'tool-call', toolCallId: 'call_1', toolName, input: JSON.stringify(input) };
}

function streamOf(answer: ModelAnswer): object[] {
  if (!('text' in answer)) return [contentOf(answer)];
  const id = 'text-1';
  return [
    { type: 'text-start', id },
    { type: 'text-delta', id, delta: answer.text },
    { type: 'text-end', id },
  ];
}
