import { AsyncLocalStorage } from 'node:async_hooks';
import { LangfuseSpanProcessor } from '@langfuse/otel';
import {
  type LangfuseAgent,
  propagateAttributes,
  setLangfuseTracerProvider,
  startActiveObservation,
  startObservation,
} from '@langfuse/tracing';
import { type Context, type ContextManager, context, ROOT_CONTEXT } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { expect } from 'chai';
import type { Plugin, Span } from '../../core/index.ts';
import { langfuse } from '../../plugins/langfuse/index.ts';
import { langfuseOptions } from '../../plugins/langfuse/options.ts';
import { type FaultServer, startFaultServer } from '../kit/fault-server.ts';
import { createTestHost } from '../kit/host.ts';
import { decodeRequest, type Message, spansOf } from '../kit/otlp.ts';

const KEYS = { publicKey: 'pk-lf-1', secretKey: 'sk-lf-1' };

/** One request of an application, as both libraries are told of it. */
const WORK = {
  user: 'u-1',
  session: 's-1',
  tags: ['beta', 'eu'],
  environment: 'production',
  release: 'r-1',
  question: { question: 'where is order 17?' },
  answer: 'on its way',
  messages: [{ role: 'user', content: 'where is order 17?' }],
  model: 'gpt-5',
  parameters: { temperature: 0.2, maxOutputTokens: 100 },
  usage: {
    ours: {
      inputTokens: 120,
      outputTokens: 45,
      inputDetails: { text: 100, cacheRead: 20 },
      outputDetails: { text: 33, reasoning: 12 },
    },
    theirs: {
      input: 100,
      input_cached_tokens: 20,
      output: 33,
      output_reasoning_tokens: 12,
      total: 165,
    },
  },
  cost: { input: 0.001, output: 0.002, total: 0.003 },
  firstToken: new Date('2026-01-02T03:04:05.678Z'),
  prompt: { name: 'support', version: 3 },
};

type Attributes = Record<string, unknown>;

/** Why an attribute of ours is not, or not the same, in the SDK's spans; the reverse has `theirs`. */
const REASONS: [pattern: RegExp, whose: 'ours' | 'theirs' | 'both', reason: string][] = [
  [
    /^langfuse\.observation\.completion_start_time$/,
    'both',
    'the SDK puts the time in quotes, the server takes both',
  ],
  [/^langfuse\.observation\.metadata\.spanType$/, 'ours', 'our type is finer than that of an observation'],
  [/^langfuse\.observation\.metadata\.serviceName$/, 'ours', 'each span of ours knows its service'],
  [/^langfuse\.observation\.metadata\.error$/, 'ours', 'the SDK does not send a stack'],
  [
    /^langfuse\.observation\.metadata\.timeToFirstTokenMs$/,
    'ours',
    'exact, where the time of the first token is in whole milliseconds',
  ],
];

describe('langfuse beside the SDK of Langfuse', () => {
  let server: FaultServer;
  before(() => {
    context.setGlobalContextManager(contextManager());
  });
  after(() => {
    context.disable();
    setLangfuseTracerProvider(null);
  });
  beforeEach(async () => {
    server = await startFaultServer();
  });
  afterEach(() => server.close());

  const received = (isJson: boolean): Map<string, Message> =>
    new Map(
      server.requests
        .splice(0)
        .flatMap(({ path, body }) =>
          path.endsWith('/v1/traces') ? spansOf(decodeRequest('traces', body, isJson)) : [],
        )
        .map((span) => [span['name'], span]),
    );

  async function throughSdk(): Promise<Map<string, Message>> {
    const { environment, release } = WORK;
    const processor = new LangfuseSpanProcessor({ ...KEYS, baseUrl: server.url, environment, release });
    const provider = new BasicTracerProvider({ spanProcessors: [processor] });
    setLangfuseTracerProvider(provider);
    const of = {
      userId: WORK.user,
      sessionId: WORK.session,
      tags: WORK.tags,
      traceName: 'support',
      metadata: { plan: 'pro' },
    };
    propagateAttributes(of, () => startActiveObservation('support', workWithSdk, { asType: 'agent' }));
    await provider.forceFlush();
    const spans = received(true);
    await provider.shutdown();
    return spans;
  }

  async function throughOurs(): Promise<Map<string, Message>> {
    const { environment, release } = WORK;
    const options = langfuseOptions.parse({ ...KEYS, baseUrl: server.url, release });
    const host = createTestHost({
      plugins: { cloud: { plugin: langfuse as unknown as Plugin, options } },
      config: { environment, resource: { serviceName: 'support-bot' } },
    });
    await host.start();
    workWithOurs(
      host.obs.startSpan({
        name: 'support',
        type: 'agent_run',
        input: WORK.question,
        userId: WORK.user,
        sessionId: WORK.session,
        tags: WORK.tags,
        metadata: { plan: 'pro' },
      }),
    );
    await host.obs.shutdown();
    return received(false);
  }

  it('sends the same spans with the same attributes, but for those listed with a reason', async () => {
    const theirs = await throughSdk();
    const ours = await throughOurs();
    expect([...ours.keys()].sort()).to.deep.equal([...theirs.keys()].sort());
    const unexplained: string[] = [];
    const explained = new Set<string>();
    for (const [name, span] of ours) {
      for (const { key, whose, text } of differences(span['attributes'], theirs.get(name)!['attributes'])) {
        const reason = REASONS.find(([pattern, of]) => of === whose && pattern.test(key));
        if (reason) explained.add(String(reason[0]));
        else unexplained.push(`${name}: ${text}`);
      }
    }
    expect(unexplained).to.deep.equal([]);
    // A reason that explains nothing any more is to be taken away.
    expect([...explained].sort()).to.deep.equal(REASONS.map(([pattern]) => String(pattern)).sort());
  });

  it('gives spans the same places in their trace', async () => {
    const theirs = await throughSdk();
    const ours = await throughOurs();
    const parentsOf = (spans: Map<string, Message>) =>
      Object.fromEntries(
        [...spans].map(([name, { parentSpanId }]) => [
          name,
          [...spans].find(([, { spanId }]) => spanId === parentSpanId)?.[0],
        ]),
      );
    expect(parentsOf(ours)).to.deep.equal(parentsOf(theirs));
  });
});

function workWithSdk(root: LangfuseAgent): void {
  const { messages, model, parameters, usage, cost, prompt, firstToken, answer, question } = WORK;
  root.update({ input: question, metadata: { plan: 'pro' } });
  const call = { model, modelParameters: parameters, usageDetails: usage.theirs, costDetails: cost };
  const chat = startObservation('chat', { input: messages, ...call }, { asType: 'generation' });
  chat.update({
    output: answer,
    completionStartTime: firstToken,
    prompt: { ...prompt, isFallback: false },
    metadata: { finishReason: 'stop', nested: { a: [1, 2] } },
  });
  chat.end();
  const lookup = startObservation('lookup', { input: { order: 17 } }, { asType: 'tool' });
  lookup.update({ level: 'ERROR', statusMessage: 'no such order', metadata: { toolCallId: 'c-1' } }).end();
  startObservation('noticed', { output: 'slow', level: 'WARNING' }, { asType: 'event' });
  const embed = { model: 'embed-1', usageDetails: { input: 7, total: 7 } };
  startObservation('embed', embed, { asType: 'embedding' }).end();
  startObservation('find', { output: [] }, { asType: 'retriever' }).end();
  startObservation('judge', {}, { asType: 'evaluator' }).end();
  startObservation('steps', {}, { asType: 'chain' }).end();
  startObservation('plain', { input: 'text', output: 5, version: 'v2' }).end();
  root.update({ output: answer });
}

function workWithOurs(root: Span): void {
  const { messages, model, parameters, usage, cost, prompt, firstToken, answer } = WORK;
  const child = root.createChildSpan.bind(root);
  const chat = child({
    name: 'chat',
    type: 'model_generation',
    input: messages,
    attributes: { model, parameters, usage: usage.ours, cost, finishReason: 'stop' },
    metadata: { nested: { a: [1, 2] }, langfuse: { prompt } },
    startTime: new Date(firstToken.getTime() - 120),
  });
  chat.end({ output: answer, attributes: { timeToFirstTokenMs: 120 } });
  const lookup = child({
    name: 'lookup',
    type: 'tool_call',
    input: { order: 17 },
    attributes: { toolCallId: 'c-1' },
  });
  lookup.error({ error: new Error('no such order') });
  const level = { langfuse: { level: 'WARNING' } };
  root.createEventSpan({ name: 'noticed', output: 'slow', metadata: level });
  const embed = { model: 'embed-1', usage: { inputTokens: 7 } };
  child({ name: 'embed', type: 'embedding', attributes: embed }).end();
  child({ name: 'find', type: 'retrieval' }).end({ output: [] });
  child({ name: 'judge', type: 'scorer_run' }).end();
  child({ name: 'steps', type: 'workflow_run' }).end();
  child({ name: 'plain', input: 'text', metadata: { langfuse: { version: 'v2' } } }).end({ output: 5 });
  root.end({ output: answer });
}

/** Where two sets of attributes differ. */
function differences(ours: Attributes, theirs: Attributes) {
  return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].flatMap((key) => {
    const [own, other] = [ours[key], theirs[key]].map((value) => JSON.stringify(value));
    if (own === other) return [];
    const whose = other === undefined ? 'ours' : own === undefined ? 'theirs' : 'both';
    return [{ key, whose, text: `${key} is ${own} here and ${other} there` }];
  });
}

/** What `startActiveObservation` needs to know its parent; the SDK for Node brings a package for it. */
function contextManager(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, fn, self, ...args) => storage.run(active, () => Reflect.apply(fn, self, args)),
    bind: (_active, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}
