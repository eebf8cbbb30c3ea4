import { relative } from 'node:path';
import type { Resolution } from './config/resolved.ts';
import { SIGNALS } from './signals/index.ts';
import { enabledEntries } from './wire.ts';

/**
 * Without any config somebody should know where the data goes. One line, or undefined where the config, or nothing at
 * all, says what is active.
 */
export function announcementOf({ config, origins }: Resolution, cwd: string): string | undefined {
  const implied = enabledEntries(config).filter(
    ({ key }) => origins.get(`plugins.${key}.use`)?.at(-1)?.layer === 'default',
  );
  if (implied.length === 0) return undefined;
  const signals = SIGNALS.filter((signal) => config.signals[signal].enabled).join(', ');
  const places = implied.map(
    ({ key, plugin }) => `${key} (${plugin.name} in ${relative(cwd, config.dataDir)})`,
  );
  return `obs ${config.environment}: no config file, so ${signals} go to ${places.join(', ')}`;
}
