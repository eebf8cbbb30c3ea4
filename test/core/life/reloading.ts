import * as z from 'zod';
import type { ConfigLayer, ObsConfig } from '../../../core/config/define.ts';
import { definePlugin } from '../../../core/contract/plugin.ts';
import { droppedOf } from '../../../core/delivery/counts.ts';
import type { Diagnostics } from '../../../core/diagnostics/diagnostics.ts';
import type { BaseObservabilityInstance } from '../../../core/instance.ts';
import { type CreateObsContext, createObs } from '../../../core/obs.ts';
import { SIGNALS } from '../../../core/signals/index.ts';

/** An instance whose config a test changes between reloads. */
export interface Reloading {
  obs: BaseObservabilityInstance;
  config: ObsConfig;
  warnings: string[];
}

/** Runs on an inline config, in environment `test`; it is read again at each reload. */
export async function createReloading(
  config: ObsConfig,
  overrides: ConfigLayer = {},
  more: CreateObsContext = {},
): Promise<Reloading> {
  const warnings: string[] = [];
  const warn = (line: string) => void warnings.push(line);
  const context = { config, cwd: import.meta.dirname, env: {}, environment: 'test', warn, ...more };
  const quiet = { deadLetters: false, handleSignals: false, ...overrides };
  return { obs: await createObs(quiet, context), config, warnings };
}

/** A plugin `diary` that writes down its life and what it is sent, each under the label of its options. */
export function createDiary() {
  const lines: string[] = [];
  /** Called before each send, with the label. */
  const diary = { lines, onSend: async (_label: string): Promise<void> => {} };
  const plugin = definePlugin({
    name: 'diary',
    apiVersion: 1,
    kind: 'exporter',
    signals: SIGNALS,
    options: z.strictObject({
      label: z.string(),
      format: z.any().optional(),
      hangs: z.boolean().default(false),
    }),
    apply(host, { label, hangs }) {
      host.hooks.start.tap(() => void lines.push(`${label} start`));
      host.deliver.logs(async (batch) => {
        await diary.onSend(label);
        lines.push(`${label} got ${batch.map(({ record }) => record.message).join()}`);
      });
      host.deliver.tracing(
        async (batch) => void lines.push(`${label} ended ${batch.map((e) => e.exportedSpan.name).join()}`),
        { events: ['span.ended'] },
      );
      host.hooks.flush.tap(() => void lines.push(`${label} flush`));
      host.hooks.shutdown.tap(() => {
        lines.push(`${label} shutdown`);
        return hangs ? new Promise<void>(() => {}) : undefined;
      });
    },
  });
  return Object.assign(diary, { plugin });
}

/** Says for which plugin and signal the accounting does not come out even; undefined when it does for all. */
export function unbalanced({ plugins }: Pick<Diagnostics, 'plugins'>): string | undefined {
  for (const [key, { signals }] of Object.entries(plugins)) {
    for (const [signal, counts] of Object.entries(signals)) {
      const { accepted, delivered, spooled, queued, inFlight } = counts;
      if (accepted !== delivered + droppedOf(counts) + spooled + queued + inFlight)
        return `${key} ${signal}: ${JSON.stringify(counts)}`;
    }
  }
  return undefined;
}

/** Resolves when it is so. @throws when that takes longer than any test waits. */
export async function until(isSo: () => boolean): Promise<void> {
  const endsAt = performance.now() + 15_000;
  while (!isSo()) {
    if (performance.now() > endsAt) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
