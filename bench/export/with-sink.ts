import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Measures } from '../case.ts';

// The scripts are not compiled: they lie beside the source of this file.
const SCRIPTS = new URL('../../../export/', import.meta.url);

/** Sends spans to a server in a process of its own, and waits until they are sent. */
export interface Exporter {
  /** Makes this many spans and resolves when they have been sent. */
  send(spans: number): Promise<void>;
  close(): Promise<void>;
}

const WARM_UP = 6_000;
const SPANS = 30_000;

/**
 * How fast spans are made and sent, and what that costs this process; throws when one did not arrive. `script`: the
 * server, one for OTLP unless told otherwise.
 */
export async function measureExport(
  start: (url: string) => Promise<Exporter>,
  script = 'sink.mjs',
): Promise<Measures> {
  const sink = fork(fileURLToPath(new URL(script, SCRIPTS)));
  const [port] = await once(sink, 'message');
  const url = `http://127.0.0.1:${port}`;
  const totals = async () => (await (await fetch(url)).json()) as { spans: number; bytes: number };
  const exporter = await start(url);
  await exporter.send(WARM_UP);
  await totals();
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  await exporter.send(SPANS);
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const { spans, bytes } = await totals();
  await exporter.close();
  sink.disconnect();
  if (spans < SPANS) throw new Error(`${spans} of ${SPANS} spans arrived`);
  return { 'µs CPU/span': (user + system) / SPANS, 'spans/s': SPANS / seconds, 'bytes/span': bytes / SPANS };
}
