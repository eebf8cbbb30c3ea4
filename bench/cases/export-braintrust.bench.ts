import { BraintrustState, initLogger, type Logger } from 'braintrust';
import { type BaseObservabilityInstance, createObs } from 'obs-kit';
import { braintrust } from 'obs-kit/braintrust';
import type { BenchCase } from '../case.ts';
import { type Exporter, measureExport } from '../export/with-sink.ts';

/** Spans of one trace: an agent, a model call, a tool call. */
const PER_TRACE = 3;
/** Traces between two flushes: what waits is within the queue of either library, so that nothing is dropped. */
const TRACES = 170;

const MESSAGES = [{ role: 'user', content: 'Where is my order? '.repeat(100) }];
const ANSWER = 'It is on its way. '.repeat(30);
const MODEL = 'claude-sonnet';

const measure = (start: (url: string) => Promise<Exporter>) => measureExport(start, 'braintrust-sink.mjs');

/** The same traces to the same server, from the first line of user code to the answer of the server. */
export default {
  title: 'spans of an agent (2 kB prompts) made and sent to Braintrust, flushed every 510',
  subjects: {
    braintrust: () => measure(startSdk),
    'obs-kit': () => measure(startOurs),
  },
} satisfies BenchCase;

async function startSdk(url: string): Promise<Exporter> {
  const login = { apiKey: 'bench', appUrl: url, noExitFlush: true };
  const logger = initLogger({ state: new BraintrustState(login), ...login, projectName: 'bench' });
  return {
    send: (spans) =>
      inPortions(
        spans,
        (i) => traceOfSdk(logger, i),
        () => logger.flush(),
      ),
    close: () => logger.flush(),
  };
}

function traceOfSdk(logger: Logger<true>, i: number): void {
  const root = logger.startSpan({
    name: 'agent',
    type: 'task',
    event: { input: MESSAGES, metadata: { plan: 'pro', i } },
  });
  const metadata = { model: MODEL, temperature: 0.2 };
  const chat = root.startSpan({ name: 'chat', type: 'llm', event: { input: MESSAGES, metadata } });
  chat.log({ output: ANSWER, metrics: { prompt_tokens: 400, completion_tokens: 120, tokens: 520 } });
  chat.end();
  const tool = root.startSpan({ name: 'tool', type: 'tool', event: { input: { order: i } } });
  tool.log({ output: { found: true } });
  tool.end();
  root.log({ output: ANSWER });
  root.end();
}

async function startOurs(url: string): Promise<Exporter> {
  const cloud = braintrust({ apiKey: 'bench', apiUrl: url, projectName: 'bench' });
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
    input: MESSAGES,
    metadata: { plan: 'pro', i },
  });
  const attributes = { model: MODEL, parameters: { temperature: 0.2 } };
  const chat = root.createChildSpan({ name: 'chat', type: 'model_generation', input: MESSAGES, attributes });
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
