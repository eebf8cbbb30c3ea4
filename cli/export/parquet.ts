import { SIGNALS } from '../../core/index.ts';
import { openParquet } from '../../plugins/duckdb/index.ts';
import type { ExportWriter } from './writer.ts';

/** A parquet file for each signal that has something, in a directory that is made where it is missing. */
export async function openParquetFiles(directory: string): Promise<ExportWriter> {
  const files = await openParquet(directory);
  return {
    signals: SIGNALS,
    write: async (signal, events) => {
      await files.add(
        signal,
        events.map((event) => ('exportedSpan' in event ? event.exportedSpan : event)),
      );
      return true;
    },
    finish: files.finish,
    discard: files.discard,
  };
}
