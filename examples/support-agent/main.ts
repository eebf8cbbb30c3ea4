import { createObs } from 'obs-kit';
import { type Conversation, SupportAgent } from './agent.ts';
import { scriptedModel } from './model.ts';
import { printDeliveries } from './report.ts';

const say = (line: string): void => console.log(line);

const obs = await createObs();

const model = scriptedModel([
  { toolCall: { id: 'call-1', name: 'lookup_order', arguments: { orderId: '1042' } } },
  { text: 'Your desk lamp was delivered. I am happy to help with anything else.' },
  { text: 'You can reach us every day from 8 to 20.' },
  { toolCall: { id: 'call-2', name: 'search_handbook', arguments: { query: 'broken on arrival' } } },
  { toolCall: { id: 'call-3', name: 'issue_voucher', arguments: { orderId: '1042' } } },
  { toolCall: { id: 'call-4', name: 'refund', arguments: { orderId: '1042' } } },
  { text: 'I am sorry about the lamp. Your 49 dollars are on their way back to your card.' },
]);
const agent = new SupportAgent(obs, model, say);
const conversation: Conversation = {
  userId: 'ada',
  threadId: 'thread-7',
  messages: [{ role: 'system', content: 'You are the support agent of a lamp shop. Be brief and polite.' }],
};

obs.metrics.gauge('conversations.open').set(1);
for (const question of [
  'Where is my order 1042?',
  'When can I reach you?',
  'The lamp arrived broken. I would like my money back.',
]) {
  say(`user:  ${question}`);
  say(`agent: ${await agent.answer(conversation, question)}`);
}

// Feedback comes later and from outside, so it names the trace that it is about.
const lastTurn = await newestTraceId();
obs.addFeedback({
  feedbackType: 'thumbs',
  value: 1,
  comment: 'quick and kind',
  userId: 'ada',
  ...(lastTurn && { traceId: lastTurn }),
});
obs.metrics.gauge('conversations.open').set(0);

await obs.flush();
printDeliveries(obs.diagnostics(), say);
await obs.shutdown();

/** Reads its own traces back: what was flushed can be asked for. */
async function newestTraceId(): Promise<string | undefined> {
  await obs.flush();
  const page = await obs.store?.listTraces({ pagination: { perPage: 1 } });
  return page?.spans[0]?.traceId;
}
