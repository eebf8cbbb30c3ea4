import { readFileSync, readlinkSync } from 'node:fs';

/** A thread of a process, told apart from a later one with the same numbers. */
export interface ThreadIdentity {
  pid: number;
  /** Node's number of the thread: 0 is the main thread. */
  threadId: number;
  /** When the process started, milliseconds since the Unix epoch, to about a second. */
  processStart: number;
  /** Changes with each start of the machine; Linux only. */
  bootId?: string;
  /** The system's number of the thread; Linux only. */
  systemThread?: number;
  /** When the thread started, in clock ticks since the start of the machine; Linux only. */
  threadStart?: string;
}

/** Two readings of when one process started differ by less. */
const SAME_START_MS = 2_000;

let current: ThreadIdentity | undefined;

/** The thread that calls. */
export function currentThread(): ThreadIdentity {
  current ??= identify();
  return current;
}

function identify(): ThreadIdentity {
  const { threadId } = process.getBuiltinModule('node:worker_threads');
  const identity: ThreadIdentity = { pid: process.pid, threadId, processStart: processStart() };
  try {
    const systemThread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    const threadStart = startOf(process.pid, systemThread);
    if (threadStart !== undefined) Object.assign(identity, { systemThread, threadStart, bootId: bootId() });
  } catch {
    // Not Linux: the process alone has to do.
  }
  return identity;
}

/** Whether a thread still runs. Where the system does not tell threads apart: whether its process does. */
export function isThreadRunning(thread: ThreadIdentity): boolean {
  const { pid, systemThread, threadStart } = thread;
  const { bootId, threadStart: ownStart } = currentThread();
  if (bootId !== undefined && thread.bootId !== undefined && bootId !== thread.bootId) return false;
  if (systemThread !== undefined && threadStart !== undefined && ownStart !== undefined)
    return startOf(pid, systemThread) === threadStart;
  if (pid === process.pid) return Math.abs(thread.processStart - processStart()) < SAME_START_MS;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function processStart(): number {
  return Math.round(Date.now() - process.uptime() * 1_000);
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** When a thread started; undefined for one that has ended. */
function startOf(pid: number, systemThread: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/task/${systemThread}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name of the program, in parentheses, may hold anything; the fields behind it start with the state, the third.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const hasEnded = fields[0] === 'Z' || fields[0] === 'X';
  return hasEnded ? undefined : fields[22 - 3];
}
