import { expect } from 'chai';
import * as z from 'zod';
import { definePlugin, type LogEvent, type Send, type SendContext, sendHttp } from '../../core/index.ts';
import { describeExporterFaults, type FaultSubject, runFault } from './exporter-faults.ts';
import { discrepancies } from './fault-ledger.ts';
import { ok, reset, status } from './fault-server.ts';

/** Posts the messages of logs as a JSON list; an answer may name one that it refuses. */
async function post(url: string, batch: readonly LogEvent[], context?: SendContext) {
  const body = JSON.stringify(batch.map(({ record }) => record.message));
  const { text } = await sendHttp(fetch, { url, body, gzip: true, ...context });
  const { refused } = text.trim() === '' ? {} : JSON.parse(text);
  const index = batch.findIndex(({ record }) => record.message === refused);
  if (index >= 0) return { rejected: [{ index, reason: 'named by the answer' }] };
}

/** An exporter whose send a test chooses. */
function subjectOf(redelivery: 'safe' | 'unsafe', sendTo: (url: string) => Send<LogEvent>): FaultSubject {
  const plugin = definePlugin({
    name: 'messages',
    apiVersion: 1,
    kind: 'exporter',
    signals: ['logs'],
    redelivery,
    options: z.strictObject({ url: z.url() }),
    apply(host, { url }) {
      host.hooks.start.tap(async () => void (await post(url, [])));
      host.deliver.logs(sendTo(url));
    },
  });
  return {
    name: `an exporter for which re-delivery is ${redelivery}`,
    signal: 'logs',
    use: (url) => plugin({ url }),
    emit(obs, count) {
      const messages = Array.from({ length: count }, (_, n) => `message ${n}`);
      for (const message of messages) obs.logger.info(message);
      return messages;
    },
    idsOf: ({ body }) => JSON.parse(body.toString()),
    idOf: (event) => (event as LogEvent).record.message,
    isRedeliverySafe: redelivery === 'safe',
    partial: (refused) => ok({ body: JSON.stringify({ refused }) }),
  };
}

const honest =
  (url: string): Send<LogEvent> =>
  (batch, context) =>
    post(url, batch, context);

for (const redelivery of ['safe', 'unsafe'] as const) describeExporterFaults(subjectOf(redelivery, honest));

describe('the matrix of faults', () => {
  const swallowing =
    (url: string): Send<LogEvent> =>
    async (batch, context) => {
      await post(url, batch, context).catch(() => undefined);
    };

  it('finds an exporter out that hides what was refused', async () => {
    const run = await runFault(subjectOf('safe', swallowing), { script: [status(400)] });
    expect(discrepancies(run, true)).to.deep.equal([
      'the server holds 0, delivered are 12',
      'nowhere: 12 (message 0,message 1,message 2), accounted for: 0 + 0 + 0',
    ]);
  });

  it('finds an exporter out that ignores a partial success', async () => {
    const ignoring =
      (url: string): Send<LogEvent> =>
      async (batch, context) =>
        void (await post(url, batch, context));
    const subject = subjectOf('safe', ignoring);
    const refusedOf = () => 'message 3';
    const run = await runFault(subject, { script: [subject.partial!('message 3')], refusedOf });
    expect(discrepancies(run, true)).to.have.length(2);
  });

  it('finds an exporter out that repeats by itself what may have arrived', async () => {
    const repeating =
      (url: string): Send<LogEvent> =>
      (batch, context) =>
        post(url, batch, context).catch(() => post(url, batch, context));
    const run = await runFault(subjectOf('unsafe', repeating), { script: [reset({ afterTaking: true })] });
    expect(discrepancies(run, false)).to.deep.equal(['an id came twice, which is not safe']);
  });
});
