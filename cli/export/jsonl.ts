import { printableJson, SIGNALS } from '../../core/index.ts';
import { toLine } from '../../plugins/json/index.ts';
import { openSink } from './sink.ts';
import type { ExportWriter } from './writer.ts';

/** One event on each line, in the form of the plugin `json`; `obs import --from jsonl` reads it back. */
export async function openJsonl(path: string | undefined): Promise<ExportWriter> {
  const sink = await openSink(path);
  return {
    signals: SIGNALS,
    write: (_signal, events) =>
      sink.write(events.map((event) => `${printableJson(JSON.stringify(toLine(event)))}\n`).join('')),
    finish: sink.finish,
    discard: sink.discard,
  };
}
