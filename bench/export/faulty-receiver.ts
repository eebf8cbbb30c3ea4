import { fork } from 'node:child_process';
import { once } from 'node:events';

/** How a receiver is out of order. */
export type Fault = 'refused' | '503' | '429' | 'no answer';

/** An OTLP receiver in a process of its own, that can be out of order. */
export interface FaultyReceiver {
  url: string;
  fail(fault: Fault): void;
  work(): void;
  /** What it took so far, and when the last of it came (Unix milliseconds). */
  count(): Promise<{ spans: number; lastAt: number }>;
  close(): void;
}

/** Starts one on loopback; it works. */
export async function startFaultyReceiver(): Promise<FaultyReceiver> {
  const child = fork(new URL('./faulty-sink.js', import.meta.url));
  const [port] = await once(child, 'message');
  return {
    url: `http://127.0.0.1:${port}`,
    fail: (fault) => void child.send(fault),
    work: () => void child.send('work'),
    async count() {
      child.send('count');
      const [counted] = await once(child, 'message');
      return counted;
    },
    close: () => void child.kill(),
  };
}
