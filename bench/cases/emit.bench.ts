import { SyncHook } from 'tapable';
import type { TracingEvent } from '../../core/index.ts';
import { withBytes } from '../../core/snapshot/event-bytes.ts';
import { tenAttributes } from '../attributes.ts';
import type { BenchCase, Measures } from '../case.ts';
import { startInstance } from '../instance.ts';
import { perBatch, perCall, sink } from '../time.ts';

/** Events between two flushes: fits the queues, so that none is dropped. */
const EVENTS = 1_000;

/** What the emitter of spans notes about such an event. */
const PAYLOAD_BYTES = 400;

/** What one `emit` of a finished span costs beyond making the event: phases, redaction, hook, guard. */
export default {
  title: 'emit of a span event with 10 attributes, beyond making the event',
  compared: 'difference',
  subjects: {
    'making the event': () => perCall(makeEvent),
    'tapable alone, 5 taps': tapableAlone,
    'emit, 0 taps': () => emitTo(0),
    'emit, 1 tap': () => emitTo(1),
    'emit, 5 taps': () => emitTo(5),
    'emit, 1 delivery': () => emitToDeliveries(1),
    'emit, 5 deliveries': () => emitToDeliveries(5),
    'emit, 5 deliveries with full queues': emitToFullQueues,
  },
} satisfies BenchCase;

function makeEvent(i: number): TracingEvent {
  const attributes = tenAttributes(i);
  const startUnixMicro = 1_760_000_000_000_000 + i;
  const event: TracingEvent = {
    type: 'span.ended',
    exportedSpan: {
      id: '00f067aa0ba902b7',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      parentSpanId: '53995c3f42cd8ad8',
      name: 'chat claude-sonnet',
      type: 'model_generation',
      isRootSpan: false,
      isEvent: false,
      seq: 2,
      status: 'ok',
      startTime: new Date(startUnixMicro / 1000),
      startUnixMicro,
      environment: 'production',
      serviceName: 'bench',
      attributes,
      endTime: new Date((startUnixMicro + 900) / 1000),
      endUnixMicro: startUnixMicro + 900,
    },
  };
  return withBytes(event, PAYLOAD_BYTES);
}

async function tapableAlone(): Promise<Measures> {
  const hook = new SyncHook<[TracingEvent]>(['event']);
  for (let n = 0; n < 5; n++) hook.tap(`tap-${n}`, newTap());
  return perCall((i) => hook.call(makeEvent(i)));
}

async function emitTo(taps: number): Promise<Measures> {
  const obs = await startInstance((host) => {
    for (let n = 0; n < taps; n++) host.hooks.tracing.tap(newTap());
  });
  return perCall((i) => obs.emitTracingEvent(makeEvent(i)));
}

/** A tap of its own, so that no two share what the compiler learned. */
function newTap(): (event: TracingEvent) => void {
  return (event) => {
    sink.value = event;
  };
}

/** Queued for plugins that do nothing with what they are sent. */
async function emitToDeliveries(count: number): Promise<Measures> {
  const obs = await startInstance((host) => {
    for (let n = 0; n < count; n++) host.deliver.tracing(async () => {});
  });
  return perBatch(EVENTS, async () => {
    for (let i = 0; i < EVENTS; i++) obs.emitTracingEvent(makeEvent(i));
    await obs.flush();
  });
}

/** Sends never settle, so each event takes the place of an older one. */
async function emitToFullQueues(): Promise<Measures> {
  const obs = await startInstance((host) => {
    for (let n = 0; n < 5; n++) host.deliver.tracing(() => new Promise(() => {}));
  });
  return perCall((i) => obs.emitTracingEvent(makeEvent(i)));
}
