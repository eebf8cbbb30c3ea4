import { LangfuseSpanProcessor } from '@langfuse/otel';
import { type LangfuseAgent, setLangfuseTracerProvider, startObservation } from '@langfuse/tracing';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { type BaseObservabilityInstance, createObs } from 'obs-kit';
import { type LangfuseOptions, langfuse } from 'obs-kit/langfuse';
import type { BenchCase } from '../case.ts';
import { type Exporter, measureExport } from '../export/with-sink.ts';

const KEYS = { publicKey: 'pk-lf-bench', secretKey: 'sk-lf-bench' };
/** Spans of one trace: an agent, a model call, a tool call. */
const PER_TRACE = 3;
/** Traces between two flushes: what waits is within the queue of either library, so that nothing is dropped. */
const TRACES = 170;

const QUESTION = { messages: [{ role: 'user', content: 'Where is my order? '.repeat(100) }] };
const ANSWER = 'It is on its way. '.repeat(30);
const MODEL = 'claude-sonnet';
const PARAMETERS = { temperature: 0.2 };

/** The same traces to the same endpoint, from the first line of user code to the answer of the server. */
export default {
  title: 'spans of an agent (2 kB prompts) made and sent to Langfuse, flushed every 510',
  subjects: {
    '@langfuse/otel': () => measureExport(startSdk),
    'obs-kit': () => measureExport((url) => startOurs(url, {})),
    'obs-kit, no compression': () => measureExport((url) => startOurs(url, { compression: 'none' })),
  },
} satisfies BenchCase;

async function startSdk(url: string): Promise<Exporter> {
  const processor = new LangfuseSpanProcessor({ ...KEYS, baseUrl: url, environment: 'bench', flushAt: 512 });
  const provider = new BasicTracerProvider({ spanProcessors: [processor] });
  setLangfuseTracerProvider(provider);
  return {
    send: (spans) => inPortions(spans, traceOfSdk, () => provider.forceFlush()),
    close: () => provider.shutdown(),
  };
}

function traceOfSdk(i: number): void {
  const root: LangfuseAgent = startObservation(
    'agent',
    { input: QUESTION, metadata: { plan: 'pro', i } },
    { asType: 'agent' },
  );
  const call = { input: QUESTION, model: MODEL, modelParameters: PARAMETERS };
  const chat = root.startObservation('chat', call, { asType: 'generation' });
  chat.update({ output: ANSWER, usageDetails: { input: 400, output: 120, total: 520 } }).end();
  root
    .startObservation('tool', { input: { order: i } }, { asType: 'tool' })
    .update({ output: { found: true } })
    .end();
  root.update({ output: ANSWER }).end();
}

async function startOurs(url: string, options: LangfuseOptions): Promise<Exporter> {
  const cloud = langfuse({ ...KEYS, baseUrl: url, environment: 'bench', ...options });
  const config = { plugins: { cloud }, signals: { metrics: false, logs: false } };
  const obs = await createObs({}, { config, env: {}, environment: 'production' });
  return {
    send: (spans) =>
      inPortions(
        spans,
        (i) => traceOfOurs(obs, i),
        () => obs.flush(),
      ),
    close: async () => void (await obs.shutdown()),
  };
}

function traceOfOurs(obs: BaseObservabilityInstance, i: number): void {
  const root = obs.startSpan({
    name: 'agent',
    type: 'agent_run',
    input: QUESTION,
    metadata: { plan: 'pro', i },
  });
  const attributes = { model: MODEL, parameters: PARAMETERS };
  const chat = root.createChildSpan({ name: 'chat', type: 'model_generation', input: QUESTION, attributes });
  chat.end({ output: ANSWER, attributes: { usage: { inputTokens: 400, outputTokens: 120 } } });
  const tool = root.createChildSpan({ name: 'tool', type: 'tool_call', input: { order: i } });
  tool.end({ output: { found: true } });
  root.end({ output: ANSWER });
}

async function inPortions(
  spans: number,
  trace: (i: number) => void,
  flush: () => Promise<unknown>,
): Promise<void> {
  for (let i = 0; i < spans / PER_TRACE; i++) {
    trace(i);
    if (i % TRACES === TRACES - 1) await flush();
  }
  await flush();
}
