import { BasicTracerProvider, BatchSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { tenAttributes } from '../attributes.ts';
import type { BenchCase, Measures } from '../case.ts';
import { startInstance } from '../instance.ts';
import { perBatch } from '../time.ts';

/** Spans between two flushes: fits the queues of both, so that neither drops any. */
const SPANS = 1_000;

/** A whole span with 10 attributes, delivered to an exporter that does nothing, both flushed. */
export default {
  title: 'start + 10 attributes + end of a span, delivered in batches to an exporter that does nothing',
  subjects: {
    'OpenTelemetry, attributes at start': () => otel(true),
    'OpenTelemetry, attributes before end': () => otel(false),
    'obs-kit, attributes at start': () => obsKit(true),
    'obs-kit, attributes at end': () => obsKit(false),
    'obs-kit, at start, ended spans only': () => obsKit(true, ['span.ended']),
    'obs-kit, at end, ended spans only': () => obsKit(false, ['span.ended']),
  },
} satisfies BenchCase;

async function otel(isAtStart: boolean): Promise<Measures> {
  let made = 0;
  let exported = 0;
  const exporter = {
    export(spans: ReadableSpan[], done: (result: { code: number }) => void) {
      exported += spans.length;
      done({ code: 0 });
    },
    async shutdown() {},
  };
  const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  const tracer = provider.getTracer('bench');
  const measures = await perBatch(SPANS, async () => {
    for (let i = 0; i < SPANS; i++) {
      made++;
      const attributes = tenAttributes(i);
      if (isAtStart) tracer.startSpan('work', { attributes }).end();
      else tracer.startSpan('work').setAttributes(attributes).end();
    }
    await provider.forceFlush();
  });
  await provider.shutdown();
  assertAll(exported, made);
  return measures;
}

async function obsKit(isAtStart: boolean, events?: ['span.ended']): Promise<Measures> {
  let made = 0;
  let ended = 0;
  const obs = await startInstance((host) => {
    host.deliver.tracing(async (batch) => {
      for (const { type } of batch) if (type === 'span.ended') ended++;
    }, events && { events });
  });
  const measures = await perBatch(SPANS, async () => {
    for (let i = 0; i < SPANS; i++) {
      made++;
      const attributes = tenAttributes(i);
      if (isAtStart) obs.startSpan({ name: 'work', attributes }).end();
      else obs.startSpan({ name: 'work' }).end({ attributes });
    }
    await obs.flush();
  });
  await obs.shutdown();
  assertAll(ended, made);
  return measures;
}

function assertAll(arrived: number, made: number): void {
  if (arrived !== made) throw new Error(`${made} spans were made and ${arrived} arrived`);
}
