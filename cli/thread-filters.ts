import type { Option } from 'commander';
import type { ListThreadsArgs } from '../core/index.ts';
import {
  correlationFiltersOf,
  correlationOptions,
  type Filter,
  timeFiltersOf,
  timeOptions,
} from './filters.ts';

type Filters = NonNullable<ListThreadsArgs['filters']>;

/** The options of `obs threads` that narrow the list. */
export function threadFilterOptions(): Option[] {
  const fields = ['userId', 'resourceId', 'environment', 'serviceName'] as const;
  return [...timeOptions('has a turn that started'), ...correlationOptions(fields)];
}

/** The filters that the parsed options ask for. */
export function threadFiltersOf(options: Record<string, unknown>): Filter<Filters>[] {
  return [...timeFiltersOf(options, 'startedAt'), ...correlationFiltersOf(options)];
}
