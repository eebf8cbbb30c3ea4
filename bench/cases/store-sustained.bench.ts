import { join } from 'node:path';
import { type BaseObservabilityInstance, createObs } from 'obs-kit';
import { duckdb } from 'obs-kit/duckdb';
import type { BenchCase, Measures } from '../case.ts';
import { bytesIn, inDirectory } from '../store/directory.ts';
import { openPeerHost } from '../store/peer-host.ts';
import { makeSpans } from '../store/spans.ts';
import type { SustainedHost } from '../store/sustained-host.ts';

/** Spans between two flushes; one flush is under way while the next spans are made. */
const CHUNK = 1_000;
const CHUNKS = 12;

/** As many model calls as a host and its store can take, start and end of each, until all are stored. */
export default {
  title: `${CHUNK * CHUNKS} model calls through a whole host, as fast as its store takes them`,
  rounds: 5,
  subjects: {
    '@mastra/observability with @mastra/duckdb': () =>
      inDirectory(async (at) => run(at, await openPeerHost(at))),
    'obs-kit': () => inDirectory(async (at) => run(at, await openOurHost(at))),
  },
} satisfies BenchCase;

async function run(directory: string, host: SustainedHost): Promise<Measures> {
  const [warmUp, ...chunks] = chunksOf(makeSpans(CHUNK * (CHUNKS + 1), 'llm'));
  warmUp!.forEach(host.make);
  await host.flush();
  const startedAt = performance.now();
  const cpuAt = process.cpuUsage();
  let flushed: Promise<unknown> = Promise.resolve();
  for (const chunk of chunks) {
    chunk.forEach(host.make);
    await flushed;
    flushed = host.flush();
  }
  await flushed;
  await host.flush();
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuAt);
  const made = CHUNK * CHUNKS;
  const stored = (await host.stored()) - CHUNK;
  await host.close();
  if (stored !== made) throw new Error(`${stored} of ${made} spans are stored`);
  return {
    'µs/span': (ms * 1_000) / made,
    'CPU µs/span': (user + system) / made,
    'spans/s': made / (ms / 1_000),
    'bytes/span': bytesIn(directory) / (made + CHUNK),
  };
}

function chunksOf<V>(values: readonly V[]): V[][] {
  return Array.from({ length: values.length / CHUNK }, (_, n) => values.slice(n * CHUNK, (n + 1) * CHUNK));
}

async function openOurHost(at: string): Promise<SustainedHost> {
  const config = { plugins: { local: duckdb({ path: join(at, 'obs.duckdb') }) } };
  const obs: BaseObservabilityInstance = await createObs({}, {
    config,
    env: {},
    environment: 'production',
  } as never);
  await obs.flush();
  return {
    make: ({ name, type, input, output, attributes }) =>
      obs.startSpan({ name, type, input, attributes } as never).end({ output }),
    flush: () => obs.flush({ deadlineMs: 60_000 }),
    stored: async () =>
      (await obs.store!.listTraces({ pagination: { page: 0, perPage: 1 } })).pagination.total,
    close: () => obs.shutdown(),
  };
}
