import { ConsoleExporter } from '@mastra/observability';
import { expect } from 'chai';
import { type MastraHost, startMastraHost } from './kit/mastra-host.ts';
import { oneRun } from './kit/one-run.ts';

describe('the console exporter of @mastra/observability in this host', () => {
  let host: MastraHost;
  const said: string[] = [];
  const { info } = console;

  beforeEach(async () => {
    said.length = 0;
    console.info = (line: string) => said.push(line);
    host = await startMastraHost(() => new ConsoleExporter());
  });
  afterEach(async () => {
    await host.end();
    console.info = info;
  });

  it('shows the start and the end of each span', async () => {
    const { agent, generation, tool } = oneRun(host.obs);
    await host.obs.flush();
    for (const { id } of [agent, generation, tool]) {
      expect(
        said.filter((line) => line.includes(`ID: ${id}`) && !line.includes('Trace')),
      ).to.have.length.least(2);
    }
    expect(host.obs.diagnostics().plugins['vendor']!.signals.tracing!.dropped).to.deep.equal({});
    expect(host.warnings).to.deep.equal([]);
  });
});
