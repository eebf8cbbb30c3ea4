import type { Phase, Process, ProcessOptions } from '../contract/host.ts';
import { bySignal, type EventOf, type ObservabilityEvent, type Signal } from '../signals/index.ts';
import { type Redact, remembering } from './redact.ts';

const ORDER: readonly Phase[] = ['enrich', 'sample', 'redact'];

/** What the phases are built of. */
export interface PhasesParts {
  /** Undefined: redaction is off. */
  redact: Redact | undefined;
  captureContent: boolean;
  /** Absent: no cap. */
  capLabels?: (event: EventOf['metrics']) => EventOf['metrics'];
  onDrop: (signal: Signal, reason: string) => void;
  onFailure: (key: string, phase: Phase, error: unknown) => void;
}

interface Step {
  key: string;
  process: Process<ObservabilityEvent>;
  reason: string;
}

/**
 * The way of an event between emitter and hook, the same for every signal: enrich, sample, redact. Processors of
 * plugins run first in their phase; the host's own redaction is last, so nothing added later can leak.
 */
export class Phases {
  readonly #parts: PhasesParts;
  readonly #steps = bySignal<Record<Phase, Step[]>>(() => ({ enrich: [], sample: [], redact: [] }));
  /** The signals that plugins process. */
  readonly #processed = new Set<Signal>();
  readonly #redactOnce: Redact | undefined;

  constructor(parts: PhasesParts) {
    this.#parts = parts;
    this.#redactOnce = parts.redact && remembering(parts.redact);
  }

  /** Adds a plugin's processor; within a phase they run in the order of the config. */
  add<S extends Signal>(
    signal: S,
    phase: Phase,
    key: string,
    process: Process<EventOf[S]>,
    { reason = phase === 'sample' ? 'sampled' : `${phase}_dropped` }: ProcessOptions = {},
  ): void {
    this.#steps[signal][phase].push({ key, process: process as unknown as Step['process'], reason });
    this.#processed.add(signal);
  }

  /** The event as plugins shall see it, or null when it was dropped (and counted). Never throws. */
  run(signal: Signal, event: ObservabilityEvent): ObservabilityEvent | null {
    return this.#runPhases(signal, event, ORDER);
  }

  /** For events made elsewhere: they are kept as they are, but secrets never pass. */
  runIngested(signal: Signal, event: ObservabilityEvent): ObservabilityEvent | null {
    return this.#runPhases(signal, event, ['redact']);
  }

  #runPhases(signal: Signal, event: ObservabilityEvent, phases: readonly Phase[]): ObservabilityEvent | null {
    const isProcessed = this.#processed.has(signal);
    const current = isProcessed ? this.#runAllSteps(signal, event, phases) : event;
    if (current === null) return null;
    const clean = this.#secure(signal, current, isProcessed);
    // After redaction, so that labels that differ in a secret only are one series; what is ingested is not capped.
    const { capLabels } = this.#parts;
    return clean?.type === 'metric' && phases === ORDER && capLabels ? capLabels(clean) : clean;
  }

  #runAllSteps(
    signal: Signal,
    event: ObservabilityEvent,
    phases: readonly Phase[],
  ): ObservabilityEvent | null {
    let current: ObservabilityEvent | null = event;
    for (const phase of phases) {
      current = this.#runSteps(signal, phase, current);
      if (current === null) return null;
    }
    return current;
  }

  #runSteps(signal: Signal, phase: Phase, event: ObservabilityEvent): ObservabilityEvent | null {
    let current = event;
    for (const { key, process, reason } of this.#steps[signal][phase]) {
      try {
        const result = process(current);
        if (result === null) return this.#drop(signal, reason);
        assertSameKind(result, current);
        current = result;
      } catch (error) {
        this.#parts.onFailure(key, phase, error);
        // A failed enrichment or sampler changes nothing; a failed redaction lets nothing through.
        if (phase === 'redact') return this.#drop(signal, 'redaction_failed');
      }
    }
    return current;
  }

  #secure(signal: Signal, event: ObservabilityEvent, isProcessed: boolean): ObservabilityEvent | null {
    const { captureContent } = this.#parts;
    // What a processor was given, it may have changed, although it should not: that is looked through each time.
    const redact = isProcessed ? this.#parts.redact : this.#redactOnce;
    try {
      const shown = captureContent ? event : withoutContent(event);
      return redact ? redactEvent(shown, redact) : shown;
    } catch (error) {
      this.#parts.onFailure('host', 'redact', error);
      return this.#drop(signal, 'redaction_failed');
    }
  }

  #drop(signal: Signal, reason: string): null {
    this.#parts.onDrop(signal, reason);
    return null;
  }
}

/** @throws for anything but an event of the same type, such as nothing, or the promise of an async function. */
function assertSameKind(result: unknown, { type }: ObservabilityEvent): void {
  if ((result as { type?: unknown } | undefined)?.type === type) return;
  if (result instanceof Promise) result.catch(() => {}); // an unhandled rejection would end the process
  throw new TypeError(`a processor must return a "${type}" event or null, at once`);
}

/** The event without what people and models said: inputs and outputs of spans, the data of logs. */
export function withoutContent<E extends ObservabilityEvent>(event: E): E {
  if (event.type === 'log') {
    const { data: _, ...record } = event.record;
    return { ...event, record };
  }
  if (!('exportedSpan' in event)) return event;
  const { input: _input, output: _output, ...exportedSpan } = event.exportedSpan;
  return { ...event, exportedSpan };
}

function redactEvent(event: ObservabilityEvent, redact: Redact): ObservabilityEvent {
  if (!('exportedSpan' in event)) return redactFields(event, redact);
  const exportedSpan = redactFields(event.exportedSpan, redact);
  if (event.type === 'span.error') return { ...event, exportedSpan, error: redact(event.error) };
  return exportedSpan === event.exportedSpan ? event : { ...event, exportedSpan };
}

/** Identity, kind and time hold no secrets. Everything else may: a session may be known by its token. */
function holdsNoSecret(field: string): boolean {
  switch (field) {
    case 'id':
    case 'traceId':
    case 'spanId':
    case 'parentSpanId':
    case 'type':
    case 'metricType':
    case 'status':
    case 'startTime':
    case 'endTime':
    case 'timestamp':
    case 'truncated':
      return true;
    default:
      return false;
  }
}

/** The same object when its fields are clean, else a copy with clean ones. */
function redactFields<T extends object>(holder: T, redact: Redact): T {
  let copy: Record<string, unknown> | undefined;
  for (const field in holder) {
    const value: unknown = holder[field];
    if ((typeof value !== 'string' && typeof value !== 'object') || holdsNoSecret(field)) continue;
    const clean = redact(value);
    if (clean === value) continue;
    copy ??= { ...holder } as Record<string, unknown>;
    copy[field] = clean;
  }
  return (copy as T | undefined) ?? holder;
}
