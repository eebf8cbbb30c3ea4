import * as z from 'zod';
import { isPlugin, type Plugin } from '../contract/plugin.ts';
import { once } from '../once.ts';
import { SIGNALS } from '../signals/index.ts';
import { check } from './check.ts';
import type { Entry } from './entry-form.ts';
import { nameOf } from './merge.ts';
import { checkOptions } from './options.ts';
import type { Path } from './path.ts';
import { BUILT_IN, labelOf } from './place.ts';
import type { Finding } from './problems.ts';
import { resolveProcessors } from './processors.ts';
import type { DisabledEntry, EnabledEntry, ResolvedEntry } from './resolved.ts';
import { entrySettings } from './schema.ts';
import { type EntryContext, findingAt, usablePlugin } from './usable-plugin.ts';

/** An entry as the host runs it; undefined when something is wrong with it. */
export interface EntryResult {
  entry: ResolvedEntry | undefined;
  findings: Finding[];
}

type Settings = z.output<ReturnType<typeof entrySettings>>;

const switchSchema = once(() => z.strictObject({ enabled: z.boolean().default(true) }));

/**
 * Resolves one merged entry: is it on, its plugin and manifest, the settings of the host, the plugin's options. For an
 * entry that is off nothing is loaded, read or checked.
 */
export async function resolveEntry(key: string, entry: Entry, context: EntryContext): Promise<EntryResult> {
  const path = ['plugins', key];
  const { use, options, enabled, processors, ...written } = entry;
  if (isPlugin(use)) context.secrets.rememberSchema(key, use.options);
  const power = await check(switchSchema(), { enabled }, path, context);
  if (power.findings.length > 0) return { entry: undefined, findings: power.findings };
  if (!(power.value as { enabled: boolean }).enabled)
    return { entry: disabledEntry(key, use, context), findings: [] };
  // An entry without a plugin has been reported where it was written.
  if (use === undefined) return { entry: undefined, findings: [] };

  const settings = await check(entrySettings(), written, path, context);
  const plugin = await usablePlugin(use, context);
  if (!isPlugin(plugin)) {
    const findings = [...settings.findings, findingAt([...path, 'use'], plugin, context)];
    return { entry: undefined, findings };
  }
  context.secrets.rememberSchema(key, plugin.options);
  const unsupported = unsupportedSignals(plugin, settings.value as Settings, path, context);
  const checked = await checkOptions(plugin, options, [...path, 'options'], context);
  const own = await resolveProcessors(processors, path, context);
  const findings = [...settings.findings, ...unsupported, ...checked.findings, ...own.findings];
  if (findings.length > 0) return { entry: undefined, findings };
  const resolved = enabledEntry(key, plugin, checked.value, settings.value as Settings);
  return { entry: own.processors.length > 0 ? { ...resolved, ...own } : resolved, findings };
}

function unsupportedSignals(
  plugin: Plugin,
  { signals = [] }: Settings,
  path: Path,
  context: EntryContext,
): Finding[] {
  const unsupported = signals.filter((signal) => !plugin.signals.includes(signal));
  const supported = plugin.signals.join(', ') || 'no signal';
  return unsupported.map((signal) =>
    findingAt(
      [...path, 'signals'],
      {
        code: 'OBS_PLUGIN_SIGNAL_UNSUPPORTED',
        message: `${plugin.name} does not support ${signal}; it supports ${supported}`,
      },
      context,
    ),
  );
}

function enabledEntry(key: string, plugin: Plugin, options: unknown, settings: Settings): EnabledEntry {
  const { signals = plugin.signals, delivery = {}, strategy = {}, capture } = settings;
  return {
    key,
    enabled: true,
    plugin,
    options,
    signals: SIGNALS.filter((signal) => signals.includes(signal)),
    delivery: delivery as EnabledEntry['delivery'],
    strategy: strategy as EnabledEntry['strategy'],
    captureContent: capture?.content,
  };
}

/** An entry that is off or was removed. */
export function disabledEntry(key: string, use: Entry['use'], { origins }: EntryContext): DisabledEntry {
  const place = origins.placeOf(['plugins', key, 'enabled']) ?? BUILT_IN;
  return { key, enabled: false, name: use && nameOf(use), offBy: labelOf(place) };
}
