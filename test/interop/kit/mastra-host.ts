import type { BaseObservabilityInstance, Plugin } from '../../../core/index.ts';
import { fromMastra, type MastraExporter } from '../../../plugins/mastra/index.ts';
import { type FaultServer, startFaultServer } from '../../kit/fault-server.ts';
import { createTestHost } from '../../kit/host.ts';

/** An instance with one exporter of Mastra, and the server that it talks to. */
export interface MastraHost {
  obs: BaseObservabilityInstance;
  server: FaultServer;
  /** What was said on the warning channel. */
  warnings: string[];
  /** Shuts down, which sends all that is left, and closes the server. */
  end(): Promise<void>;
}

/** Starts a server, an exporter made for its address, and an instance that runs it as its only plugin, `vendor`. */
export async function startMastraHost(make: (url: string) => MastraExporter): Promise<MastraHost> {
  const server = await startFaultServer();
  const plugin = fromMastra(make(server.url)).use as Plugin;
  const { obs, warnings, start } = createTestHost({ plugins: { vendor: plugin } });
  await start();
  return {
    obs,
    server,
    warnings,
    async end() {
      await obs.shutdown();
      await server.close();
    },
  };
}

/** The parsed bodies of the requests to a path. */
// biome-ignore lint/suspicious/noExplicitAny: a test that expects a field reads better without a cast to it
export function bodiesOf(server: FaultServer, path: string): any[] {
  return server.requests
    .filter((request) => request.path === path)
    .map((request) => JSON.parse(request.body.toString()));
}
