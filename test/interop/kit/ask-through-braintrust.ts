// Runs as a process of its own: asks a model client through the wrapper of the vendor's SDK, which writes a row to the
// server at argv[2]. The wrapper works only where the SDK's instrumentation is on, and that is read once, at import.
import '../loopback-only.ts';

delete process.env['BRAINTRUST_DISABLE_INSTRUMENTATION'];
const { initLogger, wrapOpenAI } = await import('braintrust');

const [, , appUrl, request, answer] = process.argv as [string, string, string, string, string];
const logger = initLogger({ apiKey: 'sdk', appUrl, projectName: 'sdk' });
const create = () => {
  const data = JSON.parse(answer);
  const promise = Promise.resolve(data);
  return Object.assign(promise, { withResponse: async () => ({ data, response: new Response() }) });
};
const endpoint = { create };
const client = wrapOpenAI({
  chat: { completions: endpoint },
  embeddings: endpoint,
  moderations: endpoint,
  // biome-ignore lint/suspicious/noExplicitAny: as much of a model client as the wrapper touches
} as any);
await logger.traced(() => client.chat.completions.create(JSON.parse(request)), { name: 'outer' });
await logger.flush();
