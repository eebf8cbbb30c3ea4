// A Mastra application with an agent, a tool and a scripted model; run by Node 22 with the path of a file as its argument.
// It hands its telemetry to Mastra's own recording exporter and to this host, and writes down what each saw.

import { writeFileSync } from 'node:fs';
import { Agent } from '@mastra/core/agent';
import { Mastra } from '@mastra/core/mastra';
import { createTool } from '@mastra/core/tools';
import { Observability, TestExporter } from '@mastra/observability';
import * as z from 'zod';
import { toMastra } from '../../../plugins/mastra/index.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';
import { attempts } from '../loopback-only.ts';
import { scriptedModel } from './scripted-model.ts';

const lookup = createTool({
  id: 'lookup',
  description: 'Finds an order',
  inputSchema: z.object({ order: z.number() }),
  outputSchema: z.object({ city: z.string() }),
  execute: async ({ order }, { loggerVNext, metrics }) => {
    loggerVNext?.warn('the stock system is slow', { order });
    metrics?.emit('stock_lookup_ms', 12, { system: 'stock' });
    return { city: 'Graz' };
  },
});

const { obs, recording, start } = createRecordedHost();
await start();
const own = new TestExporter();
const observability = new Observability({
  configs: {
    default: {
      serviceName: 'shop',
      exporters: [own, toMastra(obs)],
      logging: { enabled: true, level: 'info' },
    },
  },
});
const agent = new Agent({
  id: 'support',
  name: 'Support',
  instructions: 'Help with orders',
  model: scriptedModel([{ toolName: 'lookup', input: { order: 17 } }, { text: 'It is in Graz' }]) as never,
  tools: { lookup },
});
const mastra = new Mastra({ agents: { agent }, observability, logger: false });

const { text, traceId } = await mastra.getAgent('agent').generate('Where is order 17?', {
  tracingOptions: { metadata: { userId: 'u-1', sessionId: 's-1', tier: 'gold' }, tags: ['beta'] },
});
const root = own.getRootSpans().find((span) => span.traceId === traceId)!;
const target = { traceId: root.traceId, spanId: root.id, correlationContext: { userId: 'u-1' } };
await observability.addScore({
  ...target,
  score: { scorerId: 'relevance', score: 0.75, reason: 'on topic' },
});
await observability.addFeedback({
  ...target,
  feedback: { feedbackType: 'thumbs', value: 1, feedbackUserId: 'u-2' },
});
await observability.flush();

writeFileSync(
  process.argv[2]!,
  JSON.stringify({
    text,
    traceId,
    attempts: [...attempts],
    theirs: {
      spans: own.getAllSpans(),
      logs: own.getAllLogs(),
      metrics: own.getAllMetrics(),
      scores: own.getAllScores(),
      feedback: own.getAllFeedback(),
    },
    ours: recording.events,
  }),
);
await mastra.shutdown?.();
await obs.shutdown();
