import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { threadId } from 'node:worker_threads';

/** A thread of a process, told apart from a later one with the same numbers. */
export interface ThreadIdentity {
  pid: number;
  /** Node's number of the thread: 0 is the main thread. */
  threadId: number;
  /** When the process started, milliseconds since the Unix epoch, to about a second. */
  processStart: number;
  /** The system's number of the thread; Linux only. */
  systemThread?: number;
  /** When the thread started, in the system's own unit; Linux only. */
  threadStart?: string;
}

/** The thread that calls. */
export function currentThread(): ThreadIdentity {
  const identity: ThreadIdentity = { pid: process.pid, threadId, processStart: processStart() };
  try {
    const systemThread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    const threadStart = startOf(process.pid, systemThread);
    if (threadStart !== undefined) return { ...identity, systemThread, threadStart };
  } catch {
    // Not Linux: the process alone has to do.
  }
  return identity;
}

/** Whether a thread still runs. Where the system does not tell threads apart: whether its process does. */
export function isRunning(thread: ThreadIdentity): boolean {
  const { pid, systemThread, threadStart } = thread;
  if (systemThread !== undefined && threadStart !== undefined && hasProc()) {
    return startOf(pid, systemThread) === threadStart;
  }
  if (pid === process.pid) return Math.abs(thread.processStart - processStart()) < 2_000;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether any thread of this process has a file open; Linux only, false elsewhere. */
export function hasOpenFile(path: string): boolean {
  const descriptors = '/proc/self/fd';
  return namesIn(descriptors).some((name) => {
    try {
      return readlinkSync(`${descriptors}/${name}`) === path;
    } catch {
      return false; // closed meanwhile
    }
  });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function processStart(): number {
  return Math.round(Date.now() - process.uptime() * 1000);
}

/** When a thread started, in clock ticks since boot; undefined for one that has ended. */
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

function hasProc(): boolean {
  return startOf(process.pid, process.pid) !== undefined;
}
