import * as z from 'zod';
import { text, timeRange } from './arguments.ts';

const limit = () => z.int().min(1).max(10_000).default(1_000);
/** Of spans that started within it. */
const within = () => timeRange().optional();

/** The arguments of the queries that say what there is; every list is sorted and without repeats. */
export const DISCOVERY_QUERIES = {
  getEntityTypes: () => z.strictObject({ within: within() }),
  getEntityNames: () => z.strictObject({ entityType: text().optional(), within: within(), limit: limit() }),
  getServiceNames: () => z.strictObject({ within: within() }),
  getEnvironments: () => z.strictObject({ within: within() }),
  getTags: () => z.strictObject({ entityType: text().optional(), within: within(), limit: limit() }),
  getMetricNames: () => z.strictObject({ prefix: text().optional(), limit: limit() }),
  getMetricLabelKeys: () => z.strictObject({ name: text() }),
  getMetricLabelValues: () =>
    z.strictObject({ name: text(), key: text(), prefix: text().optional(), limit: limit() }),
} as const;
