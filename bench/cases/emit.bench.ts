import { SyncHook } from 'tapable';
import type { TracingEvent } from '../../core/signals/tracing.ts';
import { withBytes } from '../../core/snapshot.ts';
import { tenAttributes } from '../attributes.ts';
import type { BenchCase, Measures } from '../case.ts';
import { startInstance } from '../instance.ts';
import { perCall, sink } from '../per-call.ts';

/** What one `emit` of a finished span costs beyond making the event: phases, hook, guard. */
export default {
  title: 'emit of a span event with 10 attributes, beyond making the event',
  showsDifference: true,
  subjects: {
    'making the event': () => perCall(makeEvent),
    'raw tapable, 5 taps': rawTapable,
    'emit, 0 taps': () => emitTo(0),
    'emit, 1 tap': () => emitTo(1),
    'emit, 5 taps': () => emitTo(5),
    'emit, 5 deliveries': emitToDeliveries,
  },
} satisfies BenchCase;

function makeEvent(i: number): TracingEvent {
  const attributes = tenAttributes(i);
  const startUnixMicro = 1_760_000_000_000_000 + i;
  const exportedSpan = {
    id: '00f067aa0ba902b7',
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    parentSpanId: '53995c3f42cd8ad8',
    name: 'chat claude-sonnet',
    type: 'model_generation' as const,
    isRootSpan: false,
    isEvent: false,
    startTime: new Date(startUnixMicro / 1000),
    startUnixMicro,
    environment: 'production',
    serviceName: 'bench',
    attributes,
    endTime: new Date((startUnixMicro + 900) / 1000),
    endUnixMicro: startUnixMicro + 900,
    seq: 2,
    status: 'ok' as const,
  };
  return withBytes({ type: 'span.ended', exportedSpan }, 300);
}

async function rawTapable(): Promise<Measures> {
  const hook = new SyncHook<[TracingEvent]>(['event']);
  for (let n = 0; n < 5; n++) hook.tap(`tap-${n}`, takes());
  return perCall((i) => hook.call(makeEvent(i)));
}

async function emitTo(taps: number): Promise<Measures> {
  const obs = await startInstance((host) => {
    for (let n = 0; n < taps; n++) host.hooks.tracing.tap(takes());
  });
  return perCall((i) => obs.emitTracingEvent(makeEvent(i)));
}

/** Queued for five plugins that deliver nothing; what overflows the queues is dropped and counted. */
async function emitToDeliveries(): Promise<Measures> {
  const obs = await startInstance((host) => {
    for (let n = 0; n < 5; n++) host.deliver.tracing(async () => {});
  });
  return perCall((i) => obs.emitTracingEvent(makeEvent(i)));
}

/** A tap of its own, so that no two share what the compiler learned. */
function takes(): (event: TracingEvent) => void {
  return (event) => {
    sink.value = event;
  };
}
