/** Compile-time tests: this file is checked by `tsc --noEmit` and never run. */
import { definePlugin, type ObservabilityEvent } from '../../core/index.ts';
import { memory } from '../../plugins/memory/index.ts';
import {
  type ConformanceCase,
  createTestObs,
  type Destination,
  exporterCases,
  httpDestination,
  logEvent,
  spanEvent,
  storeCases,
  storeTable,
} from '../kit/index.ts';

// What the options of a store are is known where it is used.
memory({ maxSpans: 1 });
memory();
// @ts-expect-error there is no such option
memory({ maxSpan: 1 });
// @ts-expect-error a bound is a number
memory({ maxEvents: '1' });

// Builders take what is different, at the depth where it is.
logEvent({ record: { message: 'text' }, traceId: 'a' });
spanEvent({ type: 'agent_run', parentSpanId: undefined }, 'span.started');
// @ts-expect-error there is no such level
logEvent({ record: { level: 'loud' } });
// @ts-expect-error an error event has an error, so it is not made here
spanEvent({}, 'span.error');

const exporter = definePlugin({ name: 'x', apiVersion: 1, kind: 'exporter', signals: ['logs'], apply() {} });
const destination = httpDestination({ idsOf: ({ body }) => JSON.parse(body.toString()) });
exporterCases({ use: () => exporter(), destination, signals: ['logs'] }) satisfies ConformanceCase[];
// A destination of one's own is what `use` is given.
exporterCases({
  use: ({ rows }) => (rows satisfies string[]) && exporter(),
  destination: {
    start: (): Destination & { rows: string[] } => startRows(),
    slow: ({ rows }) => void rows.pop(),
  },
  signals: ['logs'],
  idOf: (event: ObservabilityEvent) => event.type,
});
// @ts-expect-error there is no such signal
exporterCases({ use: () => exporter(), destination, signals: ['log'] });
// @ts-expect-error an exporter has a destination
exporterCases({ use: () => exporter(), signals: ['logs'] });
// @ts-expect-error the destination cannot be told this
exporterCases({ use: () => exporter(), destination: { ...destination, flaky() {} }, signals: ['logs'] });

storeTable(storeCases({ use: () => memory() })) satisfies string;
storeCases({ use: (directory) => memory({ maxSpans: directory.length }), reopen: () => memory() });
// @ts-expect-error a store is used with a plugin, not with a store
storeCases({ use: () => new Map() });

createTestObs({ plugins: { local: memory() }, config: { signals: { metrics: false } } });
// @ts-expect-error the config of a test is what is said here, and no file is looked for
createTestObs({ cwd: '/somewhere' });

declare function startRows(): Destination & { rows: string[] };
