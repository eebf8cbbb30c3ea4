import {
  definePlugin,
  type FeedbackEvent,
  type ScoreEvent,
  type SendContext,
  secret,
  sendHttp,
} from 'obs-kit';
import * as z from 'zod';

/** Posts scores and feedback as JSON, a list for each batch. */
export const webhook = definePlugin({
  name: 'webhook',
  apiVersion: 1,
  kind: 'exporter',
  signals: ['scores', 'feedback'],
  description: 'scores and feedback as JSON to a URL',
  redelivery: 'safe',
  options: z.strictObject({
    url: z.url({ protocol: /^https?$/ }).describe('Where each batch is posted'),
    token: secret().optional().describe('Sent as bearer token. Default: none'),
  }),
  apply(host, { url, token }) {
    const headers = {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    async function post(
      batch: readonly (ScoreEvent | FeedbackEvent)[],
      { abortSignal }: SendContext,
    ): Promise<void> {
      await sendHttp(host.fetch, { url, headers, body: JSON.stringify(batch), abortSignal });
    }
    host.deliver.scores(post);
    host.deliver.feedback(post);
  },
});

export default webhook;
