import { expect } from 'chai';
import * as z from 'zod';
import type { EntryInput } from '../../core/config/define.ts';
import { definePlugin } from '../../core/contract/plugin.ts';
import { droppedOf } from '../../core/delivery/counts.ts';
import { createReloading, unbalanced } from '../core/life/reloading.ts';
import { SEED, seeded } from './seed.ts';

const RELOADS = 50;
const EVENTS_PER_MS = 20;
/** A longer delay of the timer is not made up for. */
const MAX_LATE_MS = 20;
const KEYS = ['a', 'b', 'c', 'd', 'e'];

/** Destinations by entry: what each got, and how often. Some are slow, and some fail now and then. */
function createDestinations(random: () => number) {
  const got = new Map<string, Map<string, number>>();
  /** What is open now: a file, say, that can be open only once. */
  const open = new Set<string>();
  const mistakes: string[] = [];
  const plugin = definePlugin({
    name: 'counting',
    apiVersion: 1,
    kind: 'exporter',
    signals: ['logs'],
    options: z.strictObject({ version: z.number(), delayMs: z.number() }),
    apply(host, { delayMs }) {
      const { key } = host;
      host.hooks.start.tap(() => {
        if (open.has(key)) mistakes.push(`${key} is opened twice`);
        open.add(key);
      });
      host.deliver.logs(async (batch) => {
        if (!open.has(key)) mistakes.push(`${key} is sent something while it is closed`);
        if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
        if (random() < 0.05) throw new Error('down for a moment');
        const ids = got.get(key) ?? new Map<string, number>();
        got.set(key, ids);
        for (const { id } of batch) ids.set(id, (ids.get(id) ?? 0) + 1);
      });
      host.hooks.shutdown.tap(() => void open.delete(key));
    },
  });
  return { got, open, mistakes, plugin };
}

describe('reloads under load', function () {
  this.timeout(60_000);

  it(`lose nothing and send nothing twice: ${RELOADS} of them at ${EVENTS_PER_MS},000 events/s (OBS_TEST_SEED=${SEED})`, async () => {
    // The plan is the same for a seed, however many sends there are.
    const random = seeded(SEED);
    const { got, open, mistakes, plugin } = createDestinations(seeded(SEED + 1));
    const delivery = { queueItems: 1_000_000, queueBytes: 1e9, retry: { initialDelayMs: 1, maxDelayMs: 5 } };
    const entry = (version: number): EntryInput => {
      return { use: plugin({ version, delayMs: Math.floor(random() * 4) }), delivery };
    };
    const always = { use: plugin({ version: 0, delayMs: 0 }), delivery };
    const patience = { shutdownTimeoutMs: 50_000 };
    const { obs, config } = await createReloading({ plugins: { always, changing: entry(0) } }, patience);
    const check = () => {
      const fault = unbalanced(obs.diagnostics());
      if (fault) mistakes.push(fault);
    };

    // What a late timer leaves out is made up for, but not what a busy machine never gets to: it would fall behind for ever.
    let emitted = 0;
    const startedAt = performance.now();
    let lastAt = startedAt;
    const emitter = setInterval(() => {
      const now = performance.now();
      const due = Math.round(Math.min(now - lastAt, MAX_LATE_MS) * EVENTS_PER_MS);
      lastAt = now;
      for (let n = 0; n < due; n++) obs.logger.info(`${emitted++}`);
    }, 1);
    const checker = setInterval(check, 10);

    const plugins: Record<string, EntryInput> = {};
    const done = { added: 0, removed: 0, changed: 0, unchanged: 0 };
    try {
      for (let n = 1; n <= RELOADS; n++) {
        for (const key of KEYS) {
          const what = random();
          if (what < 0.3) delete plugins[key];
          else if (what < 0.6) plugins[key] = entry(n);
        }
        config.plugins = { ...plugins, always, changing: entry(n) };
        const reloaded = obs.reload();
        check();
        const result = await reloaded;
        check();
        for (const kind of Object.keys(done) as (keyof typeof done)[]) done[kind] += result[kind].length;
        await new Promise((resolve) => setTimeout(resolve, random() * 10));
      }
    } finally {
      clearInterval(emitter);
      clearInterval(checker);
    }
    const ms = Math.round(performance.now() - startedAt);
    await obs.shutdown({ deadlineMs: 30_000 });
    const report = obs.diagnostics();
    console.log(`      ${emitted} events in ${ms} ms, ${JSON.stringify(done)}`);

    expect([...new Set(mistakes)]).to.deep.equal([]);
    expect([...open]).to.deep.equal([]);
    expect(unbalanced(report)).to.equal(undefined);
    expect(done.added).to.be.above(5);
    expect(done.removed).to.be.above(5);
    expect(done.changed).to.be.least(RELOADS);
    expect(got.get('always')!.size).to.equal(emitted);
    // Always there, in one version or the next.
    expect(got.get('changing')!.size).to.equal(emitted);
    for (const [key, { signals }] of Object.entries(report.plugins)) {
      const counts = signals.logs!;
      const ids = got.get(key) ?? new Map();
      const twice = [...ids.values()].filter((times) => times > 1).length;
      expect({
        key,
        delivered: ids.size,
        twice,
        dropped: droppedOf(counts),
        queued: counts.queued,
      }).to.deep.equal({
        key,
        delivered: counts.accepted,
        twice: 0,
        dropped: 0,
        queued: 0,
      });
    }
  });
});
