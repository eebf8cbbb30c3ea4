import {
  definePlugin,
  handlersOf,
  type ObservabilityExporter,
  type PluginUse,
  SIGNALS,
} from '../../../core/index.ts';
import type { MastraExporter } from '../shape/exporter.ts';
import { hosted } from './hosted.ts';
import type { FromMastraOptions } from './options.ts';

const CONSOLE_EXPORTER = 'tracing-console-exporter';

/** An exporter of Mastra in this host's clothes: an entry of `plugins` in a config, or for `obs.registerExporter`. */
export type HostedExporter = PluginUse & ObservabilityExporter;

/**
 * Runs an exporter that was written for Mastra, such as `new LaminarExporter()` of `@mastra/laminar`. It gets the
 * signals that it has handlers for, in Mastra's shapes, one event at a time. Never throws.
 */
export function fromMastra(foreign: MastraExporter, options: FromMastraOptions = {}): HostedExporter {
  const { name = `mastra-${slugOf(foreign.name)}`, modelInference = true, redelivery = 'unsafe' } = options;
  const { logTo = foreign.name === CONSOLE_EXPORTER ? 'console' : 'host' } = options;
  const exporter = hosted(foreign, { name, modelInference, redelivery, logTo });
  const handlers = handlersOf(exporter);
  const plugin = definePlugin({
    name,
    apiVersion: 1,
    kind: 'exporter',
    signals: SIGNALS.filter((signal) => handlers[signal]),
    description: `the exporter "${foreign.name}" of Mastra`,
    redelivery,
    apply: (host) => host.registerExporter(exporter),
  });
  return inOne(plugin(), exporter);
}

/** The members of the exporter are not listed among the keys, where a config would take them for settings. */
function inOne(use: PluginUse, exporter: ObservabilityExporter): HostedExporter {
  for (const [key, value] of Object.entries(exporter)) Object.defineProperty(use, key, { value });
  return use as HostedExporter;
}

/** A plugin's name has lower-case letters, digits and dashes only. */
function slugOf(name: string): string {
  const slug = String(name)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return slug === '' ? 'exporter' : slug;
}
