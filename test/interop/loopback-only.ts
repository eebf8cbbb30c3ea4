import net from 'node:net';
import type { RootHookObject } from 'mocha';

// Switched off before any vendor package is loaded, since some read these at import.
Object.assign(process.env, {
  MASTRA_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  POSTHOG_DISABLED: '1',
  LANGCHAIN_TRACING_V2: 'false',
  BRAINTRUST_DISABLE_INSTRUMENTATION: '1',
});

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost', undefined]);
/** The hosts outside this machine that something tried to reach. */
export const attempts = new Set<string>();

/** Every connection of this process goes through here; one that would leave the machine is refused and remembered. */
function refuseTheOutside(): void {
  const { connect } = net.Socket.prototype;
  const guarded = function (this: net.Socket, ...args: unknown[]): net.Socket {
    const host = hostOf(args);
    if (LOOPBACK.has(host)) return Reflect.apply(connect, this, args) as net.Socket;
    attempts.add(host!);
    process.nextTick(() => this.destroy(new Error(`${host} is not this machine`)));
    return this;
  };
  net.Socket.prototype.connect = guarded as typeof connect;
}

/** The host of any form of the call; undefined for a path or for the default, this machine. */
function hostOf([first, second]: unknown[]): string | undefined {
  const options = Array.isArray(first) ? first[0] : first;
  if (typeof options === 'object' && options !== null) return (options as { host?: string }).host;
  return typeof second === 'string' ? second : undefined;
}

refuseTheOutside();

/** The run fails when a package tried to reach another machine, whatever its tests said. */
export const mochaHooks: RootHookObject = {
  afterAll() {
    if (attempts.size > 0) throw new Error(`tried to reach ${[...attempts].join(', ')}`);
  },
};
