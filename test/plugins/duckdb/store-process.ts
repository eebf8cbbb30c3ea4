import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { buildPackage } from '../../kit/built-package.ts';

const CHILD = fileURLToPath(new URL('./children/shared-store.mjs', import.meta.url));

interface Said {
  event?: string;
  value?: unknown;
  error?: { code: string; message: string; hint: string };
}

/** A process with a store of its own, made from the built package. */
export class StoreProcess {
  readonly child: ChildProcess;
  /** What it wrote to its output, once it has ended. */
  readonly output: Promise<string>;

  private constructor(child: ChildProcess) {
    this.child = child;
    this.output = text(child.stdout!);
  }

  static async start(path: string): Promise<StoreProcess> {
    const child = fork(CHILD, [await buildPackage(), path], { execArgv: [], silent: true });
    const started = new StoreProcess(child);
    await started.event('ready');
    return started;
  }

  /** Resolves with what came of an order. */
  async do<R = void>(...order: unknown[]): Promise<R> {
    this.child.send(order);
    const said = await this.#said(({ event }) => event === undefined);
    if (said.error) throw Object.assign(new Error(said.error.message), said.error);
    return said.value as R;
  }

  /** Resolves once it says so by itself. */
  async event(name: string): Promise<void> {
    await this.#said(({ event }) => event === name);
  }

  /** Resolves with its exit code once it has ended. */
  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended();
  }

  #said(isIt: (said: Said) => boolean): Promise<Said> {
    return new Promise((resolve, reject) => {
      const hear = (said: Said) => {
        if (!isIt(said)) return;
        this.child.off('exit', gone);
        this.child.off('message', hear);
        resolve(said);
      };
      const gone = (code: number) => reject(new Error(`the process ended with ${code}`));
      this.child.on('message', hear).once('exit', gone);
    });
  }
}

/** Starts store processes and kills what is left of them after each test. */
export function storeProcesses(): (path: string) => Promise<StoreProcess> {
  const started: StoreProcess[] = [];
  before(async function () {
    this.timeout(60_000);
    await buildPackage();
  });
  afterEach(() => Promise.all(started.splice(0).map((process) => process.kill())));
  return async (path) => {
    const process = await StoreProcess.start(path);
    started.push(process);
    return process;
  };
}
