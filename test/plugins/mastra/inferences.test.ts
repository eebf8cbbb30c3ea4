import { expect } from 'chai';
import { toMastra } from '../../../plugins/mastra/index.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';
import { ended, mastraSpan, started, TRACE_ID } from './mastra-events.ts';

const USAGE = { inputTokens: 10, outputTokens: 2 };
const GENERATION = mastraSpan({ id: '00000000000000a1', name: 'llm', type: 'model_generation' });
const STEP = mastraSpan({
  id: '00000000000000a2',
  parentSpanId: GENERATION.id,
  name: 'step: 0',
  type: 'model_step',
  attributes: { usage: USAGE, stepIndex: 0 },
});
const INFERENCE = mastraSpan({
  id: '00000000000000a3',
  parentSpanId: STEP.id,
  name: 'inference: 0',
  type: 'model_inference',
  startTime: new Date(1_100),
  attributes: { usage: USAGE, model: 'm-1', parameters: { temperature: 0 } },
});

function fed() {
  const host = createRecordedHost();
  return { ...host, exporter: toMastra(host.obs) };
}

describe('toMastra: a model call', () => {
  it('shows the inference on its step: attributes, id and times', async () => {
    const { exporter, tracing, recording } = fed();
    for (const event of [
      started(GENERATION),
      started(STEP),
      started(INFERENCE),
      ended(INFERENCE),
      ended(STEP),
    ])
      await exporter.onTracingEvent(event);
    expect(tracing.map(({ exportedSpan }) => exportedSpan.name)).to.not.include('inference: 0');
    expect(recording.span('step: 0').attributes).to.deep.equal({
      model: 'm-1',
      parameters: { temperature: 0 },
      stepIndex: 0,
      stepUsage: USAGE,
      inference: { id: INFERENCE.id, startUnixMicro: 1_100_000, endUnixMicro: 2_000_000 },
    });
  });

  it('puts below the step what was below the inference or said about it, also after the end', async () => {
    const { exporter, recording, scores } = fed();
    const chunk = mastraSpan({ id: '00000000000000a4', parentSpanId: INFERENCE.id, name: 'chunk' });
    for (const event of [started(STEP), started(INFERENCE), started(chunk), ended(INFERENCE), ended(STEP)])
      await exporter.onTracingEvent(event);
    expect(recording.span('chunk').parentSpanId).to.equal(STEP.id);
    const place = { timestamp: new Date(3_000), traceId: TRACE_ID, spanId: INFERENCE.id };
    await exporter.onScoreEvent({
      type: 'score',
      score: { ...place, scoreId: 's', scorerId: 'judge', score: 1 },
    });
    expect(scores[0]!.spanId).to.equal(STEP.id);
  });

  it('reports the usage of a step as its own where no generation above it is known', async () => {
    const { exporter, recording } = fed();
    for (const event of [started(STEP), ended(STEP)]) await exporter.onTracingEvent(event);
    expect(recording.span('step: 0').attributes).to.deep.equal({ usage: USAGE, stepIndex: 0 });
  });

  it('keeps an inference as a span of its own where its step is not known or over', async () => {
    const { exporter, recording } = fed();
    await exporter.onTracingEvent(ended(INFERENCE));
    expect(recording.span('inference: 0')).to.include({ type: 'model_step', id: INFERENCE.id });
    expect(recording.span('inference: 0').attributes).to.deep.include({
      usage: USAGE,
      mastraSpanType: 'model_inference',
    });
  });

  it('keeps an inference that ends after its step as a span of its own', async () => {
    const { exporter, recording } = fed();
    for (const event of [started(STEP), started(INFERENCE), ended(STEP), ended(INFERENCE)])
      await exporter.onTracingEvent(event);
    expect(recording.span('inference: 0')).to.include({ id: INFERENCE.id, status: 'ok' });
  });

  it('has no time to a first token that came before the step: Mastra repeats that of the first step', async () => {
    const { exporter, recording } = fed();
    const late = {
      ...STEP,
      startTime: new Date(1_500),
      attributes: { completionStartTime: new Date(1_250) },
    };
    await exporter.onTracingEvent(started(late));
    expect(recording.span('step: 0').attributes).to.equal(undefined);
  });

  it('lets the step fail with an inference that failed', async () => {
    const { exporter, recording } = fed();
    const failed = ended({ ...INFERENCE, errorInfo: { message: 'HTTP 500' } });
    for (const event of [started(STEP), started(INFERENCE), failed, ended(STEP)])
      await exporter.onTracingEvent(event);
    expect(recording.types('step: 0')).to.deep.equal(['span.started', 'span.error', 'span.ended']);
    expect(recording.span('step: 0')).to.deep.include({
      status: 'error',
      errorInfo: { message: 'HTTP 500' },
    });
  });
});
