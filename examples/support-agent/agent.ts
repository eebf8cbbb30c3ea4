import { createToolExecutionContext, type Observability, type Span } from 'obs-kit';
import type { Message, Model, Reply } from './model.ts';
import { refundWorkflow } from './refund.ts';
import { tools } from './tools.ts';

/** The conversation an agent is in. */
export interface Conversation {
  userId: string;
  threadId: string;
  messages: Message[];
}

/** Told of each thing the agent does. */
export type Progress = (line: string) => void;

/** A support agent: answers one turn of a conversation, calling tools until the model has an answer. */
export class SupportAgent {
  readonly #obs: Observability;
  readonly #model: Model;
  readonly #progress: Progress;

  constructor(obs: Observability, model: Model, progress: Progress) {
    this.#obs = obs;
    this.#model = model;
    this.#progress = progress;
  }

  /** One trace for each turn. */
  answer(conversation: Conversation, question: string): Promise<string> {
    const { userId, threadId } = conversation;
    const options = {
      type: 'agent_run',
      input: question,
      userId,
      threadId,
      entityType: 'agent',
      entityName: 'support',
    } as const;
    return this.#obs.trace('support agent', options, async (span) => {
      this.#obs.metrics.counter('agent.turns').add(1);
      conversation.messages.push({ role: 'user', content: question });
      const answer = await this.#loop(conversation);
      this.#score(span, answer);
      return answer;
    });
  }

  async #loop({ messages }: Conversation): Promise<string> {
    for (;;) {
      const reply = await this.#generate(messages);
      if (!reply.toolCall) {
        messages.push({ role: 'assistant', content: reply.text ?? '' });
        return reply.text ?? '';
      }
      messages.push({ role: 'tool', content: await this.#call(reply.toolCall) });
    }
  }

  #generate(messages: Message[]): Promise<Reply> {
    const { name: model, provider } = this.#model;
    const attributes = { model, provider, parameters: { temperature: 0 } };
    return this.#obs.trace(
      'generate',
      { type: 'model_generation', input: messages, attributes },
      async (span) => {
        const reply = await this.#model.generate(messages);
        const { usage, cost, text, toolCall } = reply;
        this.#count(usage.inputTokens ?? 0, usage.outputTokens ?? 0);
        span.update({
          output: text ?? { toolCall },
          attributes: { usage, cost, finishReason: toolCall ? 'tool_calls' : 'stop' },
        });
        return reply;
      },
    );
  }

  #count(input: number, output: number): void {
    const tokens = this.#obs.metrics.counter('model.tokens', { unit: '{token}' });
    tokens.add(input, { direction: 'input' });
    tokens.add(output, { direction: 'output' });
  }

  /** A tool that fails is an answer for the model, not the end of the turn. */
  async #call({ id, name, arguments: input }: NonNullable<Reply['toolCall']>): Promise<string> {
    const startedAt = performance.now();
    try {
      const output = await this.#obs.trace(
        name,
        { type: 'tool_call', input, attributes: { toolCallId: id }, entityType: 'tool', entityName: name },
        (span) => this.#runTool(name, input, span),
      );
      this.#progress(`  tool ${name} ok`);
      return JSON.stringify(output);
    } catch (error) {
      this.#progress(`  tool ${name} failed: ${(error as Error).message}`);
      return `the tool failed: ${(error as Error).message}`;
    } finally {
      const duration = this.#obs.metrics.histogram('tool.duration', { unit: 'ms' });
      duration.record(performance.now() - startedAt, { tool: name });
    }
  }

  async #runTool(name: string, input: Record<string, unknown>, span: Span): Promise<unknown> {
    if (name === 'refund')
      return refundWorkflow(this.#obs, { orderId: String(input['orderId']), amount: 49 });
    const tool = tools[name];
    if (!tool) throw new Error(`there is no tool ${name}`);
    return tool(input, createToolExecutionContext(this.#obs, { toolName: name }, span));
  }

  /** A scorer judges the answer and puts the score on the turn. */
  #score(turn: Span, answer: string): void {
    this.#obs.trace(
      'politeness',
      { type: 'scorer_run', input: answer, attributes: { scorerId: 'politeness' } },
      () => {
        const score = /thank|happy|sorry|please/i.test(answer) ? 1 : 0.5;
        turn.addScore({ scorerId: 'politeness', score, reason: 'polite words in the answer' });
        return score;
      },
    );
  }
}
