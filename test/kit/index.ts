export { type AppliedPlugin, applyPlugin } from './applied-plugin.ts';
export { createFakeClock, FAKE_START_MS, type FakeClock } from './clock.ts';
export type { ConformanceCase } from './conformance.ts';
export type { Breakage, Destination, DestinationKind } from './destination.ts';
export {
  eventsOf,
  exportedSpan,
  feedbackEvent,
  identityOf,
  logEvent,
  metricEvent,
  scoreEvent,
  spanEvent,
} from './events.ts';
export { type ExporterSubject, exporterCases } from './exporter/index.ts';
export * from './fault-server.ts';
export { type HttpDestination, type HttpProtocol, httpDestination } from './http-destination.ts';
export { type CountingIds, createCountingIds } from './ids.ts';
export { createRecording, type Recording, type RecordingOptions } from './recording.ts';
export { type StoreCase, type StoreSubject, storeCases } from './store/index.ts';
export { type Outcome, storeTable } from './store/table.ts';
export { createTestObs, type TestObs, type TestObsOptions } from './test-obs.ts';
