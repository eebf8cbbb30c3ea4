import type { BenchCase, Measures } from '../case.ts';
import { official, ours, type Producer } from '../export/producers.ts';
import { startReceiver } from '../export/receiver.ts';

/** What both can hold without loss: as many spans are made at once, then sent. */
const AT_ONCE = 2_000;
const ROUNDS = 10;
const WARM_UP_ROUNDS = 3;
/** A moment of much work: more than the batch processor of the SDK holds. */
const BURST = 6_000;

type Make = (url: string) => Promise<Producer>;

/** From making a span to its arrival at a receiver in another process. CPU is of all threads, zipping included. */
export default {
  title: 'spans of model calls over OTLP/HTTP to a receiver on loopback',
  rounds: 3,
  subjects: {
    'official SDK and exporter': () => measure((url) => official(url, 'none')),
    'obs-kit, not zipped': () => measure((url) => ours(url, 'none')),
    'official SDK and exporter, zipped': () => measure((url) => official(url, 'gzip')),
    'obs-kit': () => measure((url) => ours(url, 'gzip')),
  },
} satisfies BenchCase;

async function measure(make: Make): Promise<Measures> {
  const receiver = await startReceiver();
  const producer = await make(receiver.url);
  const rounds = async (count: number) => {
    for (let round = 0; round < count; round++) {
      for (let n = 0; n < AT_ONCE; n++) producer.span(n);
      await producer.flush();
    }
  };
  await rounds(WARM_UP_ROUNDS);
  await receiver.count();
  const [cpu, from] = [process.cpuUsage(), performance.now()];
  await rounds(ROUNDS);
  const [{ user, system }, wallMs] = [process.cpuUsage(cpu), performance.now() - from];
  const { spans, bytes } = await receiver.count();
  if (spans !== AT_ONCE * ROUNDS) throw new Error(`${spans} of ${AT_ONCE * ROUNDS} spans arrived`);
  for (let n = 0; n < BURST; n++) producer.span(n);
  await producer.flush();
  const burst = await receiver.count();
  await producer.close();
  receiver.close();
  return {
    'CPU µs/span': (user + system) / spans,
    'wall µs/span': (wallMs * 1_000) / spans,
    'bytes/span': bytes / spans,
    'lost of a burst of 6,000': BURST - burst.spans,
  };
}
