import * as z from 'zod';
import type { StorageStrategy } from '../contract/store.ts';
import { deliverySchema } from '../delivery/options.ts';
import { once } from '../once.ts';
import { bySignal, SIGNALS } from '../signals/index.ts';
import { LOG_LEVELS } from '../signals/logs.ts';

const STRATEGIES = [
  'realtime',
  'batch',
  'batch-with-updates',
  'insert-only',
] as const satisfies readonly StorageStrategy[];

const enabled = () => z.boolean().optional();
const count = () => z.int().min(1).optional();
const capture = () => z.strictObject({ content: z.boolean().optional() }).optional();

/** What a boolean or an object may stand for, once the boolean is written as `{ enabled }`. */
function toggle<Shape extends z.ZodRawShape>(shape: Shape) {
  return z
    .strictObject({ enabled: enabled(), ...shape })
    .meta({ expected: 'true, false or an object' })
    .optional();
}

/** The settings of the host in an entry, in the long form. */
export const entrySettings = once(() =>
  z.strictObject({
    signals: z.array(z.enum(SIGNALS)).optional(),
    delivery: deliverySchema().optional(),
    strategy: z.strictObject(bySignal(() => z.enum(STRATEGIES).optional())).optional(),
    capture: capture(),
    processors: z
      .array(
        z.strictObject({
          use: z.unknown().optional(),
          options: z.record(z.string(), z.unknown()).optional(),
        }),
      )
      .optional(),
  }),
);

/** An entry in the long form; the plugin itself checks its options later. */
const entry = () =>
  entrySettings().extend({
    use: z.unknown().optional(),
    options: z.record(z.string(), z.unknown()).optional(),
    enabled: enabled(),
  });

/** One layer after normalisation, every key optional. */
export const layerSchema = once(() =>
  z.strictObject({
    service: z
      .strictObject({
        name: z.string().min(1).meta({ expected: 'a name' }).optional(),
        version: z.string().optional(),
        attributes: z.record(z.string(), z.string().optional()).optional(),
      })
      .optional(),
    signals: z
      .strictObject({
        tracing: toggle({
          sample: z.number().min(0).max(1).meta({ expected: 'a number from 0 to 1' }).optional(),
        }),
        metrics: toggle({ maxSeries: count() }),
        logs: toggle({ level: z.enum(LOG_LEVELS).optional() }),
        scores: toggle({}),
        feedback: toggle({}),
      })
      .optional(),
    capture: capture(),
    redact: toggle({ keys: z.array(z.string()).optional() }),
    limits: z
      .strictObject({
        maxValueBytes: count(),
        maxEventBytes: count(),
        maxDepth: count(),
        maxKeys: count(),
        maxItems: count(),
      })
      .optional(),
    dataDir: z.string().min(1).meta({ expected: 'a path' }).optional(),
    deadLetters: z.boolean().optional(),
    shutdownTimeoutMs: z.int().min(0).meta({ expected: 'a whole number of milliseconds' }).optional(),
    handleSignals: z.boolean().optional(),
    watch: z.boolean().optional(),
    selfMetrics: toggle({ intervalMs: count() }),
    plugins: z.record(z.string(), entry().optional()).optional(),
  }),
);

/** What a config file holds: a layer, and the overlays by environment, which are checked when they apply. */
export const fileSchema = once(() =>
  layerSchema().extend({
    $schema: z.string().optional(),
    environments: z.record(z.string(), z.record(z.string(), z.unknown()).optional()).optional(),
  }),
);
