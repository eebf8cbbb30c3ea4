import { expect } from 'chai';
import type { Plugin } from '../../../core/index.ts';
import { type FromMastraOptions, fromMastra } from '../../../plugins/mastra/index.ts';
import { createTestHost } from '../../kit/host.ts';
import { RecordingExporter } from './recording-exporter.ts';

const USAGE = { inputTokens: 10, outputTokens: 2 };

async function hostOf(options?: FromMastraOptions) {
  const exporter = new RecordingExporter();
  const host = createTestHost({ plugins: { vendor: fromMastra(exporter, options).use as Plugin } });
  await host.start();
  return { ...host, exporter };
}

describe('fromMastra: model calls', () => {
  it('a generation is told of with the inference inside it, which ends first', async () => {
    const { obs, exporter } = await hostOf();
    const call = obs.startSpan({
      name: 'answer',
      type: 'model_generation',
      input: 'hello',
      attributes: { model: 'm-1', provider: 'acme', parameters: { temperature: 0 } },
      metadata: { langfuse: { prompt: { name: 'p', version: 1 } } },
    });
    call.end({ output: 'hi', attributes: { usage: USAGE, cost: { total: 0.5 }, timeToFirstTokenMs: 0 } });
    await obs.flush();
    expect(exporter.calls.slice(2, -1)).to.deep.equal([
      'span_started answer',
      'span_started inference: answer',
      'span_ended inference: answer',
      'span_ended answer',
    ]);
    const [generation, inference] = [exporter.span('answer'), exporter.span('inference: answer')];
    expect(inference).to.deep.include({ parentSpanId: call.id, type: 'model_inference', isRootSpan: false });
    expect(inference).to.deep.include({ input: 'hello', output: 'hi', metadata: generation.metadata });
    expect(inference.attributes).to.deep.include({ model: 'm-1', provider: 'acme', usage: USAGE });
    expect(inference.attributes).to.not.have.property('costContext');
    expect(generation.attributes).to.deep.include({ model: 'm-1', usage: USAGE });
    expect(generation.attributes['costContext']).to.deep.equal({
      provider: 'acme',
      model: 'm-1',
      estimatedCost: 0.5,
      costUnit: 'USD',
      costMetadata: { source: 'provider_reported' },
    });
    expect(generation.attributes['completionStartTime']).to.deep.equal(generation.startTime);
  });

  it('the id of the inference is another one than its generation has, and always the same', async () => {
    const exportedSpan = {
      id: '00000000000000aa',
      traceId: '000000000000000000000000000000bb',
      name: 'answer',
      type: 'model_generation' as const,
      isRootSpan: true,
      isEvent: false,
      seq: 2,
      status: 'ok' as const,
      startTime: new Date(1_000),
      startUnixMicro: 1_000_000,
      endTime: new Date(2_000),
      endUnixMicro: 2_000_000,
    };
    const ids = new Set<string>();
    for (const _host of [1, 2]) {
      const { obs, exporter } = await hostOf();
      await obs.bus.ingest([{ type: 'span.ended', exportedSpan }]);
      await obs.flush();
      ids.add(exporter.span('inference: answer').id);
    }
    expect(ids.size).to.equal(1);
    expect([...ids][0])
      .to.match(/^[0-9a-f]{16}$/)
      .and.not.equal(exportedSpan.id);
  });

  it('a generation with steps has an inference inside each step, with the model of the generation', async () => {
    const { obs, exporter } = await hostOf();
    const generation = obs.startSpan({
      name: 'answer',
      type: 'model_generation',
      attributes: { model: 'm-1' },
    });
    for (const stepIndex of [0, 1]) {
      const step = generation.createChildSpan({
        name: `step ${stepIndex}`,
        type: 'model_step',
        attributes: { stepIndex, stepUsage: USAGE },
      });
      step.end();
    }
    generation.end();
    await obs.flush();
    const inferences = exporter.tracing
      .filter(({ type, exportedSpan }) => type === 'span_ended' && exportedSpan.type === 'model_inference')
      .map(({ exportedSpan }) => exportedSpan);
    expect(inferences.map(({ name }) => name)).to.deep.equal(['inference: step 0', 'inference: step 1']);
    for (const { attributes } of inferences)
      expect(attributes).to.deep.include({ model: 'm-1', usage: USAGE });
    expect(exporter.span('step 0').attributes).to.deep.include({ usage: USAGE });
  });

  it('a step that came from Mastra gets back the inference that it had', async () => {
    const { obs, exporter } = await hostOf();
    const inference = { id: '00000000000000cc', startUnixMicro: 5_000_000, endUnixMicro: 6_000_000 };
    obs.startSpan({ name: 'step', type: 'model_step', attributes: { inference } }).end();
    await obs.flush();
    expect(exporter.span('inference: step')).to.deep.include({
      id: '00000000000000cc',
      startTime: new Date(5_000),
      endTime: new Date(6_000),
    });
    expect(exporter.span('step').attributes ?? {}).to.not.have.property('inference');
  });

  it('an inference that came from Mastra without its step is told of as it is', async () => {
    const { obs, exporter } = await hostOf();
    obs
      .startSpan({ name: 'call', type: 'model_step', attributes: { mastraSpanType: 'model_inference' } })
      .end();
    await obs.flush();
    expect(exporter.tracing.map(({ type }) => type)).to.deep.equal(['span_started', 'span_ended']);
    expect(exporter.span('call').type).to.equal('model_inference');
  });

  it('a generation stays one span where that is asked for', async () => {
    const { obs, exporter } = await hostOf({ modelInference: false });
    obs.startSpan({ name: 'answer', type: 'model_generation' }).end();
    await obs.flush();
    expect(exporter.tracing.map(({ type }) => type)).to.deep.equal(['span_started', 'span_ended']);
  });
});
