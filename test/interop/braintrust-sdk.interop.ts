import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { ExportedSpan } from '../../core/index.ts';
import { ended, feedback, root, score, span, spanId, traceId } from '../plugins/braintrust/events.ts';
import { braintrustHost } from '../plugins/braintrust/host.ts';
import { type BraintrustSdk, type SdkRow, startBraintrustSdk } from './kit/braintrust-sdk.ts';

const MESSAGES = [{ role: 'user', content: 'where is order 17?' }];
const generation = span({
  id: '1111111111111111',
  name: 'Chat Completion',
  type: 'model_generation',
  input: { messages: MESSAGES },
  output: [{ index: 0, message: { role: 'assistant', content: 'in Oslo' }, finish_reason: 'stop' }],
  attributes: {
    model: 'gpt-4o',
    provider: 'openai',
    parameters: { temperature: 0.2, maxOutputTokens: 100, topP: 0.5 },
    usage: {
      inputTokens: 100,
      outputTokens: 20,
      inputDetails: { text: 58, cacheRead: 40, audio: 2 },
      outputDetails: { text: 15, reasoning: 5 },
    },
    timeToFirstTokenMs: 250,
  },
});
const tool = span({
  input: { order: 17 },
  status: 'error',
  errorInfo: { message: 'no such order', name: 'RangeError' },
  metadata: { attempt: 1 },
});
const agent = root({ input: 'hi', output: 'done', tags: ['beta'], sessionId: 's-1', userId: 'u-1' });

/** What both write differently, and why that is right. */
const DIFFERENT: Record<string, string> = {
  _is_merge: 'the client writes a start and merges the rest into it; ours is one complete row',
  project_id: 'of the internal endpoint; ours has the project in its path',
  log_id: 'of the internal endpoint',
  context: 'the client notes which of its callers wrote the row: with an exporter, always the exporter',
  created: 'the client says when it was called; ours says when the span began',
  'span_attributes.exec_counter': 'counts calls of the client in this process',
};

describe('the braintrust SDK and the braintrust exporter', () => {
  let sdk: BraintrustSdk;
  beforeEach(async () => {
    sdk = await startBraintrustSdk();
  });
  afterEach(() => sdk.server.close());

  async function ours(...events: Parameters<ReturnType<typeof braintrustHost>['ingest']>[0][number][]) {
    const host = braintrustHost(sdk.server.url);
    await host.start();
    await host.ingest(events);
    await host.obs.shutdown();
    return sdk.server.rows;
  }

  it('write the same rows for the same spans, but for a listed set', async () => {
    const spans = [agent, tool];
    for (const one of spans) bySdk(one);
    const theirs = await sdk.rows();
    const rows = await ours(...spans.map(ended));
    for (const { id } of spans) {
      const { row, left } = withoutDifferent(theirs.get(id)!);
      expect(withoutDifferent(rows.get(id)!).row, id).to.deep.equal(row);
      // Where start and end are written at once, the client merges them itself.
      expect(left, id).to.include.members(Object.keys(DIFFERENT).filter((path) => path !== '_is_merge'));
    }
  });

  it('name model, parameters, tokens and messages alike', async () => {
    await askThroughSdk();
    const theirs = [...(await sdk.rows()).values()].find(({ input }) => input);
    const row = (await ours(ended(generation))).get(generation.id)!;
    const {
      time_to_first_token: _,
      start: __,
      end: ___,
      ...tokens
    } = theirs!['metrics'] as Record<string, number>;
    expect(row['metrics']).to.deep.include(tokens);
    expect(Object.keys(tokens).sort()).to.deep.equal([
      'completion_reasoning_tokens',
      'completion_tokens',
      'prompt_audio_tokens',
      'prompt_cached_tokens',
      'prompt_tokens',
      'tokens',
    ]);
    expect(theirs!['metrics']).to.have.property('time_to_first_token').that.is.below(60);
    expect(row['metrics']).to.have.property('time_to_first_token', 0.25);
    expect(row['metadata']).to.deep.include(theirs!['metadata'] as object);
    const { exec_counter: ____, ...attributes } = theirs!['span_attributes'] as Record<string, unknown>;
    expect(row['span_attributes']).to.deep.equal(attributes);
    expect(row['input']).to.deep.equal(theirs!['input']);
    expect(row['output']).to.deep.equal(theirs!['output']);
  });

  it('put scores, corrections and comments on the same rows', async () => {
    const { logger } = sdk;
    logger.logFeedback({ id: spanId, scores: { relevance: 0.5 }, metadata: { reason: 'ok' } });
    logger.logFeedback({ id: spanId, expected: 'Oslo', comment: 'wrong town', source: 'app' });
    const said = [...(await sdk.rows()).values()];
    await ours(
      ended(root()),
      score({ score: 0.5, reason: 'ok' }),
      feedback({ feedbackType: 'correction', value: 'Oslo', comment: 'wrong town', source: 'app' }),
    );
    const items = sdk.server.sent('feedback').flat();
    const theirs = said.find(({ id }) => id === spanId)!;
    expect(items.map(({ id }) => id)).to.deep.equal([spanId, spanId]);
    const joined = Object.assign({}, ...items);
    expect(joined).to.deep.include({ scores: theirs['scores'], expected: theirs['expected'] });
    const comment = said.find((row) => row['comment'])!;
    expect(comment).to.deep.include({ origin: { id: spanId }, comment: { text: joined.comment } });
    expect(comment['_audit_source']).to.equal(joined.source);
    expect(items.find(({ scores }) => scores)!['metadata']).to.deep.equal({ reason: 'ok' });
  });

  /** The way the vendor's documentation has it, with the ids of the span. */
  function bySdk({
    id,
    name,
    type,
    parentSpanId,
    startUnixMicro,
    endUnixMicro,
    ...rest
  }: ExportedSpan): void {
    const { input, output, tags, metadata, errorInfo, sessionId, userId } = rest;
    const parents = parentSpanId === undefined ? [] : [parentSpanId];
    const written = sdk.logger.startSpan({
      name,
      type: type === 'tool_call' ? 'tool' : 'task',
      spanId: id,
      parentSpanIds: { parentSpanIds: parents, rootSpanId: traceId },
      startTime: startUnixMicro / 1e6,
      event: { id, input, ...(tags && { tags }) },
    } as Parameters<typeof sdk.logger.startSpan>[0]);
    const error = errorInfo && { name: errorInfo.name };
    const known = { session_id: sessionId, user_id: userId, error };
    const all = Object.fromEntries(Object.entries({ ...metadata, ...known }).filter(([, value]) => value));
    written.log({
      ...(output !== undefined && { output }),
      ...(errorInfo && { error: errorInfo.message }),
      ...(Object.keys(all).length > 0 && { metadata: all }),
    });
    written.end({ endTime: endUnixMicro! / 1e6 });
  }

  /** The SDK's own wrapper around a model client that answers by itself. */
  async function askThroughSdk(): Promise<void> {
    const request = { model: 'gpt-4o', messages: MESSAGES, temperature: 0.2, max_tokens: 100, top_p: 0.5 };
    const answer = {
      choices: generation.output,
      usage: {
        prompt_tokens: 100,
        completion_tokens: 20,
        total_tokens: 120,
        prompt_tokens_details: { cached_tokens: 40, audio_tokens: 2 },
        completion_tokens_details: { reasoning_tokens: 5 },
      },
    };
    const script = fileURLToPath(new URL('./kit/ask-through-braintrust.ts', import.meta.url));
    const args = [sdk.server.url, JSON.stringify(request), JSON.stringify(answer)];
    await promisify(execFile)(process.execPath, [...process.execArgv, script, ...args]);
  }
});

/** A row without the fields that are listed as different, and which of them it had. */
function withoutDifferent(row: SdkRow): { row: SdkRow; left: string[] } {
  const copy = structuredClone(row);
  const left: string[] = [];
  for (const path of Object.keys(DIFFERENT)) {
    const keys = path.split('.');
    const last = keys.pop()!;
    const holder = keys.reduce<Record<string, unknown>>(
      (at, key) => at[key] as Record<string, unknown>,
      copy,
    );
    if (last in holder) left.push(path);
    delete holder[last];
  }
  return { row: copy, left };
}
