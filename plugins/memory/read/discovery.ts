import type { ExportedSpan, QueryName } from '../../../core/index.ts';
import type { AnswerTo, Tables } from './answer.ts';
import { isWithin, type TimeRange } from './matches.ts';

interface SpanQuery {
  entityType?: string | undefined;
  within?: TimeRange | undefined;
  limit?: number;
}

/** The texts of spans, sorted and without repeats. */
function ofSpans(
  { tracing }: Tables,
  { entityType, within, limit }: SpanQuery,
  textsOf: (span: ExportedSpan) => string | readonly string[] | undefined,
): string[] {
  const spans = tracing
    .all()
    .filter(
      (span) => isWithin(span.startTime, within) && (entityType ?? span.entityType) === span.entityType,
    );
  return sorted(
    spans.flatMap((span) => textsOf(span) ?? []),
    limit,
  );
}

/** The same of the metrics with a name. */
function ofMetrics({ metrics }: Tables, name: string) {
  return metrics.all().filter((metric) => metric.name === name);
}

function sorted(texts: readonly string[], limit?: number): string[] {
  return [...new Set(texts)].sort((a, b) => (a < b ? -1 : 1)).slice(0, limit);
}

type Discovery =
  | Extract<QueryName, `getEntity${string}` | `getMetricLabel${string}`>
  | 'getServiceNames'
  | 'getEnvironments'
  | 'getTags'
  | 'getMetricNames';

/** The queries that say what there is. */
export const discoveryAnswers = {
  getEntityTypes: (tables, query) => ({ entityTypes: ofSpans(tables, query, (span) => span.entityType) }),
  getEntityNames: (tables, query) => ({ names: ofSpans(tables, query, (span) => span.entityName) }),
  getServiceNames: (tables, query) => ({ serviceNames: ofSpans(tables, query, (span) => span.serviceName) }),
  getEnvironments: (tables, query) => ({ environments: ofSpans(tables, query, (span) => span.environment) }),
  getTags: (tables, query) => ({ tags: ofSpans(tables, query, (span) => span.tags) }),
  getMetricNames({ metrics }, { prefix = '', limit }) {
    const names = metrics.all().map(({ name }) => name);
    return {
      names: sorted(
        names.filter((name) => name.startsWith(prefix)),
        limit,
      ),
    };
  },
  getMetricLabelKeys: (tables, { name }) => ({
    keys: sorted(ofMetrics(tables, name).flatMap(({ labels }) => Object.keys(labels))),
  }),
  getMetricLabelValues(tables, { name, key, prefix = '', limit }) {
    const values = ofMetrics(tables, name).flatMap(({ labels }) =>
      Object.hasOwn(labels, key) ? labels[key]! : [],
    );
    return {
      values: sorted(
        values.filter((value) => value.startsWith(prefix)),
        limit,
      ),
    };
  },
} satisfies { [Q in Discovery]: AnswerTo<Q> };
