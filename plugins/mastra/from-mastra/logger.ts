import { messageOf, type PluginLogger, RecentMap } from '../../../core/index.ts';
import type { MastraLogger } from '../shape/exporter.ts';

const QUIET_MS = 60_000;

/**
 * The logger that Mastra's exporters write to, over that of a plugin. What they log as an error is often all that is
 * ever heard of a loss, so the reason is put into the line; the same line is said once a minute.
 */
export function mastraLogger(logger: PluginLogger): MastraLogger {
  const saidAt = new RecentMap<string, number>(100);
  const quietly =
    (say: (line: string) => void) =>
    (message: string, ...data: unknown[]) => {
      const line = `${String(message)}${reasonIn(data)}`;
      const now = performance.now();
      if (now - (saidAt.get(line) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return;
      saidAt.set(line, now);
      say(line);
    };
  return {
    debug: (message, ...data) => logger.debug(message, ...data),
    info: (message, ...data) => logger.info(message, ...data),
    warn: quietly((line) => logger.warn(line)),
    error: quietly((line) => logger.error(line)),
    trackException() {},
  };
}

/** The logger for an exporter whose log lines are its output: they go to the console as they are, but for what helps to debug it. */
export function consoleLogger(): MastraLogger {
  return {
    debug() {},
    info: (message, ...data) => console.info(message, ...data),
    warn: (message, ...data) => console.warn(message, ...data),
    error: (message, ...data) => console.error(message, ...data),
    trackException() {},
  };
}

/** The error among the data, or under `error` in it. */
function reasonIn(data: readonly unknown[]): string {
  for (const item of data) {
    const error = item instanceof Error ? item : (item as { error?: unknown } | null)?.error;
    if (error !== undefined) return `: ${messageOf(error)}`;
  }
  return '';
}
