import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchCase, Measures } from '../case.ts';
import { type Fault, type FaultyReceiver, startFaultyReceiver } from '../export/faulty-receiver.ts';
import { official, ours, type Producer } from '../export/producers.ts';

const FAULTS: readonly Fault[] = ['refused', '503', '429', 'no answer'];
const SPANS_PER_SECOND = 400;
/** Before the outage, the outage, and after it. */
const PHASES_MS = [5_000, 20_000, 15_000] as const;

type Make = (url: string) => Promise<Producer>;

/** What of 40 s of spans arrives at destinations that are out of order for 20 s of them, each in its way. */
export default {
  title: '400 spans/s for 40 s to destinations that are out of order for 20 s: lost, in % of all',
  rounds: 1,
  compared: 'not',
  subjects: {
    'official SDK and exporter': () => measure((url) => official(url, 'gzip')),
    'obs-kit': () => measure((url) => ours(url, 'gzip')),
  },
} satisfies BenchCase;

/** One producer and one receiver for each fault, and one pair without: what goes missing there is no loss by an outage. */
async function measure(make: Make): Promise<Measures> {
  const receivers = await Promise.all([undefined, ...FAULTS].map(() => startFaultyReceiver()));
  const producers: Producer[] = [];
  for (const { url } of receivers) producers.push(await make(url));
  const emitted = { spans: 0 };
  await emit(producers, emitted, PHASES_MS[0]);
  for (const [n, fault] of FAULTS.entries()) receivers[n + 1]!.fail(fault);
  await emit(producers, emitted, PHASES_MS[1]);
  for (const receiver of receivers) receiver.work();
  await emit(producers, emitted, PHASES_MS[2]);
  await Promise.all(producers.map((producer) => producer.flush().catch(() => undefined)));
  const [control, ...lost] = await Promise.all(receivers.map((receiver) => lostOf(receiver, emitted.spans)));
  for (const receiver of receivers) receiver.close();
  if (control !== 0) throw new Error(`${control} % were lost without any outage`);
  void Promise.all(producers.map((producer) => producer.close().catch(() => undefined)));
  return Object.fromEntries(FAULTS.map((fault, n) => [fault, lost[n]!]));
}

async function lostOf(receiver: FaultyReceiver, emitted: number): Promise<number> {
  const { spans } = await receiver.count();
  return ((emitted - spans) * 100) / emitted;
}

/** At a steady rate, by the clock. */
async function emit(producers: readonly Producer[], emitted: { spans: number }, ms: number): Promise<void> {
  const [startedAt, before] = [performance.now(), emitted.spans];
  for (let passed = 0; passed < ms; passed = performance.now() - startedAt) {
    const due = before + Math.floor((passed * SPANS_PER_SECOND) / 1_000);
    for (; emitted.spans < due; emitted.spans++)
      for (const producer of producers) producer.span(emitted.spans);
    await sleep(10);
  }
}
