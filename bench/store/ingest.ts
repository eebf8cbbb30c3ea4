import type { ExportedSpan } from 'obs-kit';
import type { BenchCase, Measures } from '../case.ts';
import { bytesIn, inDirectory } from './directory.ts';
import { makeSpans, type Profile } from './spans.ts';
import { openNative, openOurs, openPeer, type Target } from './subjects.ts';

/** Spans written before the clock runs. */
const WARM_UP = 1_000;

/** How many spans are written in batches of which size. */
interface Load {
  profile: Profile;
  count: number;
  /** Mastra's store takes a tenth of the rate, so it is given fewer to write in the same time. */
  peerCount: number;
  batch: number;
}

/** Ended spans, two batches under way at once, as the host does it: DuckDB's own limit, this store, Mastra's. */
export function ingestCase({ profile, count, peerCount, batch }: Load): BenchCase {
  const title = profile === 'llm' ? 'model calls with 3.4 kB of text' : 'small spans';
  const made = (n = count) => makeSpans(n, profile);
  return {
    title: `ended ${title} into a DuckDB file, ${batch} a batch`,
    rounds: 5,
    subjects: {
      'DuckDB, INSERT .. SELECT of rows in memory': () => {
        const spans = [...makeSpans(WARM_UP, profile), ...made()];
        return inDirectory(async (at) =>
          measure(at, await openNative(at, spans), () => spans.slice(WARM_UP), batch),
        );
      },
      'obs-kit': () => inDirectory(async (at) => measure(at, await openOurs(at), made, batch)),
      // Made before the file was opened, as where a batch is sent again: each is looked for.
      'obs-kit, spans that may be stored': () => {
        const spans = made();
        return inDirectory(async (at) => measure(at, await openOurs(at), () => spans, batch));
      },
      '@mastra/duckdb': () =>
        inDirectory(async (at) => measure(at, await openPeer(at), () => made(peerCount), batch)),
    },
  };
}

async function measure(
  directory: string,
  target: Target,
  make: () => ExportedSpan[],
  batch: number,
): Promise<Measures> {
  await target.write(makeSpans(WARM_UP, 'small'));
  const spans = make();
  const before = process.cpuUsage();
  const startedAt = performance.now();
  let last: Promise<unknown> = Promise.resolve();
  for (let from = 0; from < spans.length; from += batch) {
    const next = target.write(spans.slice(from, from + batch));
    await last;
    last = next;
  }
  await last;
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(before);
  await target.close();
  return {
    'spans/s': spans.length / seconds,
    'CPU µs/span': (user + system) / spans.length,
    'bytes/span': bytesIn(directory) / (spans.length + WARM_UP),
  };
}
