import {
  type EventOf,
  forEachInTurns,
  type Resource,
  type Signal,
  type TracingEvent,
} from '../../../core/index.ts';
import type { OtlpRecords } from '../client.ts';
import type { OtlpLog, OtlpOrigin, OtlpSpan } from '../encoder.ts';
import type { ResolvedOtelOptions } from '../options.ts';
import type { Settings } from '../settings/destinations.ts';
import { Aggregation } from './aggregate.ts';
import { feedbackLog, otlpLog, scoreLog } from './logs.ts';
import { ResourceMap } from './origin.ts';
import { spanMap } from './spans.ts';

/** Turns a batch of events into the records of a request: one for each event, but metrics are aggregated. */
export type RecordMap = <S extends Signal>(
  signal: S,
  batch: readonly EventOf[S][],
  batchId: string,
) => Promise<OtlpRecords>;

/** What produces the events. */
export interface Producer {
  resource: Resource;
  environment: string;
  version: string;
  /** Attributes of the resource that the destination asks for. */
  wanted: Readonly<Record<string, string>>;
}

/** Makes the map from events to records, and the origin of the records that have none of their own. */
export function recordMap(
  { conventions, histogramBounds, maxSeries }: ResolvedOtelOptions,
  { attributes, temporality }: Settings,
  { resource, environment, version, wanted }: Producer,
): { map: RecordMap; origin: OtlpOrigin } {
  const resources = new ResourceMap(resource, environment, wanted);
  const otlpSpan = spanMap({ attributes, conventions }, resources);
  const aggregation = new Aggregation({ temporality, histogramBounds, maxSeries }, resources);
  const log =
    <E extends AnyLogged>(map: (event: E, resources: ResourceMap) => OtlpLog) =>
    async (batch: readonly E[]): Promise<OtlpRecords> => ({
      signal: 'logs',
      records: await inTurns(batch, (event) => map(event, resources), bareLog),
    });
  const maps: { [S in Signal]: (batch: readonly EventOf[S][], batchId: string) => Promise<OtlpRecords> } = {
    tracing: async (batch) => ({
      signal: 'traces',
      records: await inTurns(batch, ({ exportedSpan }) => otlpSpan(exportedSpan), bareSpan),
    }),
    metrics: async (batch, batchId) => ({ signal: 'metrics', ...(await aggregation.take(batch, batchId)) }),
    logs: log(otlpLog),
    scores: log(scoreLog),
    feedback: log(feedbackLog),
  };
  const map: RecordMap = (signal, batch, batchId) => maps[signal](batch, batchId);
  return { map, origin: { resource: resources.own, scope: { name: 'obs-kit', version } } };
}

type AnyLogged = EventOf['logs' | 'scores' | 'feedback'];

/** An event that a plugin made may hold what no map expects; then its core is sent, and no other event is lost with it. */
async function inTurns<E, R>(batch: readonly E[], map: (event: E) => R, bare: (event: E) => R): Promise<R[]> {
  const records: R[] = [];
  await forEachInTurns(batch, (event) => {
    try {
      records.push(map(event));
    } catch {
      records.push(bare(event));
    }
  });
  return records;
}

const UNREADABLE = { 'obs.unreadable': true };

function bareSpan({ exportedSpan }: TracingEvent): OtlpSpan {
  return { span: exportedSpan, attributes: UNREADABLE };
}

function bareLog({ timeUnixMicro, traceId, spanId }: AnyLogged): OtlpLog {
  return {
    timeUnixMicro,
    attributes: UNREADABLE,
    ...(traceId !== undefined && { traceId }),
    ...(spanId !== undefined && { spanId }),
  };
}
