import { expect } from 'chai';
import { definePlugin, type Plugin } from '../../../core/contract/plugin.ts';
import type { TracingEvent } from '../../../core/signals/tracing.ts';
import { createTestHost } from '../../kit/host.ts';
import { createRecording } from '../../kit/recording.ts';

/** An exporter that takes ended spans only, and what it was sent. */
function createEndedOnly() {
  const sent: TracingEvent[] = [];
  const plugin = definePlugin({
    name: 'ended-only',
    apiVersion: 1,
    kind: 'exporter',
    signals: ['tracing'],
    apply(host) {
      host.deliver.tracing(async (batch) => void sent.push(...batch), { events: ['span.ended'] });
    },
  }) as unknown as Plugin;
  return { plugin, sent };
}

function useSpan(obs: ReturnType<typeof createTestHost>['obs']): void {
  const span = obs.startSpan({ name: 'work' });
  span.update({ metadata: { step: 1 } });
  span.end();
}

describe('types of tracing events', () => {
  it('are not made when no plugin takes them', async () => {
    const { plugin, sent } = createEndedOnly();
    const { obs, start } = createTestHost({ plugins: { plugin } });
    await start();
    useSpan(obs);
    await obs.flush();
    expect(obs.diagnostics().emitted.tracing.count).to.equal(1);
    expect(sent.map(({ type }) => type)).to.deep.equal(['span.ended']);
  });

  it('are made, all of them, as soon as one plugin taps the hook', () => {
    const recording = createRecording();
    const { obs } = createTestHost({
      plugins: { ended: createEndedOnly().plugin, recording: recording.plugin },
    });
    useSpan(obs);
    expect(recording.types('work')).to.deep.equal(['span.started', 'span.updated', 'span.ended']);
  });

  it('are made for a subscriber, who is given all', async () => {
    const { obs, start } = createTestHost({ plugins: { plugin: createEndedOnly().plugin } });
    await start();
    const seen: string[] = [];
    obs.bus.subscribe(({ type }) => void seen.push(type));
    useSpan(obs);
    await obs.flush();
    expect(seen).to.deep.equal(['span.started', 'span.updated', 'span.ended']);
  });

  it('count in seq whether or not they were made', async () => {
    const { plugin, sent } = createEndedOnly();
    const { obs, start } = createTestHost({ plugins: { plugin } });
    await start();
    useSpan(obs);
    await obs.flush();
    expect(sent[0]?.exportedSpan.seq).to.equal(3);
  });
});
