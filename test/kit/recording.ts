import {
  bySignal,
  definePlugin,
  type EventOf,
  type ExportedSpan,
  type ObservabilityEvent,
  type Plugin,
  SIGNALS,
  type Signal,
} from '../../core/index.ts';

/** What a recording plugin saw. */
export interface Recording {
  readonly plugin: Plugin;
  /** Events by signal, in order. */
  readonly events: { readonly [S in Signal]: EventOf[S][] };
  /** Events of all signals, in order. */
  readonly all: ObservabilityEvent[];
  /** The newest snapshot of the span with this name. @throws when there is none. */
  span(name: string): ExportedSpan;
  /** The types of the tracing events of the span with this name, in order. */
  types(name: string): string[];
  clear(): void;
}

/** How a recording plugin listens. */
export interface RecordingOptions {
  /** Default: all. */
  signals?: readonly Signal[];
  /** `tap`: raw and at once. `deliver`: through the host's delivery, so after a flush. Default `tap`. */
  through?: 'tap' | 'deliver';
}

/** A plugin that keeps every event it is given. */
export function createRecording({ signals = SIGNALS, through = 'tap' }: RecordingOptions = {}): Recording {
  const events = bySignal(() => [] as ObservabilityEvent[]);
  const all: ObservabilityEvent[] = [];
  const keep = (signal: Signal) => (event: ObservabilityEvent) => {
    events[signal].push(event);
    all.push(event);
  };
  const plugin = definePlugin({
    name: 'recording',
    apiVersion: 1,
    kind: 'exporter',
    signals,
    apply(host) {
      for (const signal of signals) {
        if (through === 'tap') host.hooks[signal].tap(keep(signal));
        else host.deliver[signal](async (batch) => batch.forEach(keep(signal)));
      }
    },
  }) as unknown as Plugin;
  const ofSpan = (name: string) =>
    (events.tracing as EventOf['tracing'][]).filter(({ exportedSpan }) => exportedSpan.name === name);
  return {
    plugin,
    events: events as unknown as Recording['events'],
    all,
    span(name) {
      const newest = ofSpan(name).at(-1);
      if (!newest) throw new Error(`no span is named "${name}"`);
      return newest.exportedSpan;
    },
    types: (name) => ofSpan(name).map(({ type }) => type),
    clear() {
      for (const signal of SIGNALS) events[signal].length = 0;
      all.length = 0;
    },
  };
}
