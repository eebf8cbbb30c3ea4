import { expect } from 'chai';
import type { ObservabilityExporter } from '../../../core/contract/exporter.ts';
import { createTestHost } from '../../kit/host.ts';
import { settled } from '../plugins.ts';

describe('exporters registered on a running instance', () => {
  it('get what is emitted from then on', async () => {
    const seen: string[] = [];
    const { obs } = createTestHost();
    obs.logger.info('before');
    obs.registerExporter({
      name: 'late',
      init: async () => void seen.push('init'),
      onLogEvent: ({ record }) => void seen.push(record.message),
      shutdown: async () => void seen.push('shutdown'),
    });
    obs.logger.info('after');
    await obs.flush();
    await obs.shutdown();
    expect(seen).to.deep.equal(['init', 'after', 'shutdown']);
  });

  it('are refused with a warning where their name is taken, and leave the owner of the name alone', async () => {
    const calls: string[] = [];
    const exporter = (label: string): ObservabilityExporter => ({
      name: 'twin',
      init: () => void calls.push(`init ${label}`),
      onLogEvent: ({ record }) => void calls.push(`${label} ${record.message}`),
    });
    const { obs, warnings } = createTestHost();
    obs.registerExporter(exporter('first'));
    obs.registerExporter(exporter('second'));
    obs.logger.info('message');
    await obs.flush();
    expect(calls).to.deep.equal(['init first', 'first message']);
    expect(warnings).to.deep.equal([
      'obs WARN an exporter was not registered: OBS_PLUGIN_DUPLICATE: "twin" is registered already',
    ]);
  });

  it('are refused with a warning when they are no exporters, never with an exception', () => {
    const { obs, warnings } = createTestHost();
    const wrong = [undefined, null, {}, { name: '' }, { name: 'x', onLogEvent: true }, 'x'];
    for (const exporter of wrong) obs.registerExporter(exporter as never);
    expect(warnings).to.have.length.within(1, wrong.length);
    expect(warnings.join('\n')).to.include('OBS_PLUGIN_MANIFEST: an exporter needs a name, got undefined');
    expect(Object.keys(obs.diagnostics().plugins)).to.deep.equal([]);
  });

  it('are refused after the shutdown, so that nothing opens that nobody closes', async () => {
    let opened = 0;
    const { obs, warnings } = createTestHost();
    await obs.shutdown();
    obs.registerExporter({ name: 'late', init: () => void opened++, onLogEvent: () => {} });
    await settled();
    expect(opened).to.equal(0);
    expect(warnings[0]).to.include('OBS_HOST_SEALED: "late" is registered after the shutdown');
  });
});
