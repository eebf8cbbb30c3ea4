import type { Phase, Process } from './plugin.ts';
import type { Redact } from './redact.ts';
import { bySignal, type EventOf, type ObservabilityEvent, type Signal } from './signals/index.ts';

const ORDER: readonly Phase[] = ['enrich', 'sample', 'redact'];

/** What the phases are built of. */
export interface PhasesParts {
  /** Undefined: redaction is off. */
  redact: Redact | undefined;
  captureContent: boolean;
  capLabels: (event: EventOf['metrics']) => EventOf['metrics'];
  onDrop: (signal: Signal, reason: string) => void;
  onFailure: (key: string, phase: Phase, error: unknown) => void;
}

interface Step {
  key: string;
  process: Process<ObservabilityEvent>;
}

/**
 * The way of an event between emitter and hook, the same for every signal: enrich, sample, redact. Processors of
 * plugins run first in their phase; the host's own redaction is last, so nothing added later can leak.
 */
export class Phases {
  readonly #parts: PhasesParts;
  readonly #steps = bySignal<Record<Phase, Step[]>>(() => ({ enrich: [], sample: [], redact: [] }));

  constructor(parts: PhasesParts) {
    this.#parts = parts;
  }

  /** Adds a plugin's processor; within a phase they run in the order of the config. */
  add<S extends Signal>(signal: S, phase: Phase, key: string, process: Process<EventOf[S]>): void {
    this.#steps[signal][phase].push({ key, process: process as unknown as Step['process'] });
  }

  /** The event as plugins shall see it, or null when it was dropped (and counted). Never throws. */
  run(signal: Signal, event: ObservabilityEvent): ObservabilityEvent | null {
    let current: ObservabilityEvent | null = event;
    for (const phase of ORDER) {
      current = this.#runSteps(signal, phase, current);
      if (current === null) return null;
    }
    return this.#finish(signal, current);
  }

  /** For events made elsewhere: they are kept as they are, but secrets never pass. */
  runIngested(signal: Signal, event: ObservabilityEvent): ObservabilityEvent | null {
    const clean = this.#runSteps(signal, 'redact', event);
    return clean && this.#secure(signal, clean);
  }

  #runSteps(signal: Signal, phase: Phase, event: ObservabilityEvent): ObservabilityEvent | null {
    let current = event;
    for (const { key, process } of this.#steps[signal][phase]) {
      try {
        const result = process(current);
        if (result === null) return this.#drop(signal, phase === 'sample' ? 'sampled' : `${phase}_dropped`);
        current = result;
      } catch (error) {
        this.#parts.onFailure(key, phase, error);
        // A failed enrichment or sampler changes nothing; a failed redaction lets nothing through.
        if (phase === 'redact') return this.#drop(signal, 'redaction_failed');
      }
    }
    return current;
  }

  #finish(signal: Signal, event: ObservabilityEvent): ObservabilityEvent | null {
    return this.#secure(signal, event.type === 'metric' ? this.#parts.capLabels(event) : event);
  }

  #secure(signal: Signal, event: ObservabilityEvent): ObservabilityEvent | null {
    const { captureContent, redact } = this.#parts;
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
  switch (event.type) {
    case 'metric':
      return change(event, { labels: redact(event.labels) });
    case 'log':
      return change(event, { record: redact(event.record) });
    case 'score':
      return change(event, { score: redact(event.score) });
    case 'feedback':
      return change(event, { feedback: redact(event.feedback) });
    case 'span.error':
      return change(event, {
        exportedSpan: redactSpan(event.exportedSpan, redact),
        error: redact(event.error),
      });
    default:
      return change(event, { exportedSpan: redactSpan(event.exportedSpan, redact) });
  }
}

const SPAN_CONTENT = [
  'name',
  'input',
  'output',
  'attributes',
  'metadata',
  'tags',
  'links',
  'errorInfo',
] as const;

function redactSpan<S extends EventOf['tracing']['exportedSpan']>(span: S, redact: Redact): S {
  let changed: S | undefined;
  for (const field of SPAN_CONTENT) {
    const value = span[field];
    if (value === undefined) continue;
    const clean = redact(value);
    if (clean === value) continue;
    changed ??= { ...span };
    (changed as Record<string, unknown>)[field] = clean;
  }
  return changed ?? span;
}

/** The same event when nothing changed, else a copy with the changes. */
function change<E extends ObservabilityEvent>(event: E, changes: Partial<E>): E {
  const isSame = Object.entries(changes).every(([key, value]) => event[key as keyof E] === value);
  return isSame ? event : { ...event, ...changes };
}
