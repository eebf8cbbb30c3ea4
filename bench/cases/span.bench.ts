import type { Tracer } from '@opentelemetry/api';
import { BasicTracerProvider, BatchSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { BaseObservabilityInstance } from '../../core/index.ts';
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
    'OpenTelemetry, attributes at start': () =>
      otel((tracer, i) => {
        tracer.startSpan('work', { attributes: tenAttributes(i) }).end();
      }),
    'OpenTelemetry, setAttributes()': () =>
      otel((tracer, i) => {
        tracer.startSpan('work').setAttributes(tenAttributes(i)).end();
      }),
    'OpenTelemetry, no attributes': () =>
      otel((tracer) => {
        tracer.startSpan('work').end();
      }),
    'obs-kit, ended spans, attributes at start': () => obsKit(atStart, ['span.ended']),
    'obs-kit, ended spans, attributes at end': () => obsKit(atEnd, ['span.ended']),
    'obs-kit, all events, attributes at start': () => obsKit(atStart),
    'obs-kit, all events, attributes at end': () => obsKit(atEnd),
    'obs-kit, all events, no attributes': () => obsKit((obs) => obs.startSpan({ name: 'work' }).end()),
  },
} satisfies BenchCase;

type MakeSpan = (obs: BaseObservabilityInstance, i: number) => void;

const atStart: MakeSpan = (obs, i) => obs.startSpan({ name: 'work', attributes: tenAttributes(i) }).end();
const atEnd: MakeSpan = (obs, i) => obs.startSpan({ name: 'work' }).end({ attributes: tenAttributes(i) });

async function otel(makeSpan: (tracer: Tracer, i: number) => void): Promise<Measures> {
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
    for (let i = 0; i < SPANS; i++) makeSpan(tracer, i);
    made += SPANS;
    await provider.forceFlush();
  });
  await provider.shutdown();
  assertAll(exported, made);
  return measures;
}

/** Like OpenTelemetry's processor, a plugin may take ended spans only; a store takes the other events too. */
async function obsKit(makeSpan: MakeSpan, events?: ['span.ended']): Promise<Measures> {
  let made = 0;
  let ended = 0;
  const obs = await startInstance((host) => {
    host.deliver.tracing(async (batch) => {
      for (const { type } of batch) if (type === 'span.ended') ended++;
    }, events && { events });
  });
  const measures = await perBatch(SPANS, async () => {
    for (let i = 0; i < SPANS; i++) makeSpan(obs, i);
    made += SPANS;
    await obs.flush();
  });
  await obs.shutdown();
  assertAll(ended, made);
  return measures;
}

function assertAll(arrived: number, made: number): void {
  if (arrived !== made) throw new Error(`${made} spans were made and ${arrived} arrived`);
}
