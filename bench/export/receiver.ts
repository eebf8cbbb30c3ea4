import { fork } from 'node:child_process';
import { once } from 'node:events';

/** An OTLP receiver in a process of its own. */
export interface Receiver {
  url: string;
  /** What arrived since the last time it was asked. */
  count(): Promise<{ spans: number; bytes: number }>;
  close(): void;
}

/** Starts one on loopback. */
export async function startReceiver(): Promise<Receiver> {
  const child = fork(new URL('./sink.js', import.meta.url));
  const [port] = await once(child, 'message');
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    count: async () => (await fetch(`${url}/count`, { method: 'POST' })).json() as never,
    close: () => void child.kill(),
  };
}
