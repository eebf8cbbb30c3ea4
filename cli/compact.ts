import { EXIT, type ExitCode } from './exit-codes.ts';
import { bytes } from './render/amounts.ts';
import { createProgress } from './render/progress.ts';
import { withStore } from './stores.ts';
import { createTerminal } from './terminal.ts';

/** The options of `obs compact`. */
export interface CompactOptions {
  store?: string;
  json?: boolean;
}

/** Rewrites a store without the gaps that deletions left. */
export function compact({ store: key, json }: CompactOptions): Promise<ExitCode> {
  const terminal = createTerminal(json);
  return withStore(key, async (store) => {
    const progress = createProgress('compacting');
    const report = await store.compact({ onProgress: progress.at }).finally(progress.end);
    const { bytesBefore, bytesAfter } = report;
    if (terminal.isJson) terminal.json(report);
    else {
      const saved = Math.max(0, bytesBefore - bytesAfter);
      terminal.print(`${bytes(bytesBefore)} before, ${bytes(bytesAfter)} now: ${bytes(saved)} given back`);
    }
    return EXIT.ok;
  });
}
