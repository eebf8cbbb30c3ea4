import { PosthogExporter } from '@mastra/posthog';
import { expect } from 'chai';
import { type MastraHost, startMastraHost } from './kit/mastra-host.ts';
import { oneRun } from './kit/one-run.ts';

describe('@mastra/posthog in this host', () => {
  let host: MastraHost;

  beforeEach(async () => {
    host = await startMastraHost((url) => new PosthogExporter({ apiKey: 'key', host: url, flushAt: 1 }));
  });
  afterEach(() => host.end());

  it('sends a run as a trace, a generation and spans, with ids and tokens', async () => {
    const { agent, generation, tool } = oneRun(host.obs);
    await host.end();
    const events = eventsOf(host);
    expect(events.map(({ event }) => event)).to.have.members([
      '$ai_trace',
      '$ai_generation',
      '$ai_span',
      '$ai_span',
    ]);
    const call = events.find(({ event }) => event === '$ai_generation')!;
    expect(call.distinct_id).to.equal('u-1');
    expect(call.properties).to.deep.include({
      $ai_trace_id: agent.traceId,
      $ai_parent_id: agent.traceId,
      $ai_generation_id: generation.id,
      $ai_session_id: 's-1',
      $ai_model: 'gpt-4o',
      $ai_input_tokens: 100,
      $ai_cache_read_input_tokens: 40,
      $ai_output_tokens: 20,
    });
    const failed = events.find(({ properties }) => properties.$ai_span_id === tool.id)!;
    expect(failed.properties).to.deep.include({ $ai_is_error: true, error_message: 'no such order' });
  });

  it('sends feedback on a trace', async () => {
    const { agent } = oneRun(host.obs);
    agent.addFeedback({
      id: 'feedback-1',
      feedbackType: 'thumbs',
      value: -1,
      comment: 'wrong',
      userId: 'u-2',
    });
    await host.end();
    const feedback = eventsOf(host).find(({ event }) => event === '$ai_feedback')!;
    expect(feedback.distinct_id).to.equal('u-2');
    expect(feedback.properties).to.deep.include({
      $ai_trace_id: agent.traceId,
      $ai_feedback_text: 'wrong',
      feedback_id: 'feedback-1',
      feedback_value: -1,
    });
  });
});

// biome-ignore lint/suspicious/noExplicitAny: events are whatever the client wrote
function eventsOf({ server }: MastraHost): any[] {
  return server.requests
    .filter(({ method }) => method === 'POST')
    .map(({ body }) => JSON.parse(body.toString()))
    .flatMap((body) => body.batch ?? []);
}
