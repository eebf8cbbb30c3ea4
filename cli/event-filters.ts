import { InvalidArgumentError, Option } from 'commander';
import type {
  ListFeedbackArgs,
  ListLogsArgs,
  ListMetricsArgs,
  ListScoresArgs,
  LogLevel,
} from '../core/index.ts';
import {
  collect,
  correlationFiltersOf,
  correlationOptions,
  entryOf,
  equalFilter,
  type Filter,
  timeFiltersOf,
  timeOptions,
} from './filters.ts';

/** What the lists of metrics, logs, scores and feedback can be filtered by. */
export interface EventFilters {
  metrics: NonNullable<ListMetricsArgs['filters']>;
  logs: NonNullable<ListLogsArgs['filters']>;
  scores: NonNullable<ListScoresArgs['filters']>;
  feedback: NonNullable<ListFeedbackArgs['filters']>;
}

/** The filters that all events have: time, trace, span, and who and what they belong to. */
export type SharedFilters = Omit<EventFilters['metrics'], 'name' | 'metricType' | 'labels'>;

/** The options of any list of events. */
function sharedOptions(): Option[] {
  return [
    ...timeOptions('made'),
    traceOption(),
    new Option('--span <id>', 'made in the span'),
    ...correlationOptions(),
  ];
}

/** The options of an export: those of all signals. */
export function exportOptions(): Option[] {
  return [...timeOptions('started or made'), traceOption(), ...correlationOptions()];
}

function traceOption(): Option {
  return new Option('--trace <id>', 'of the trace: its id, the beginning of it, or last');
}

/** The filters of the parsed {@link sharedOptions}. */
export function sharedFiltersOf(options: Record<string, unknown>): Filter<SharedFilters>[] {
  return [
    ...timeFiltersOf(options, 'timestamp'),
    ...equalFilter(options, 'trace', 'traceId'),
    ...equalFilter(options, 'span', 'spanId'),
    ...correlationFiltersOf(options),
  ];
}

/** The options of `obs logs` that narrow the list. */
export function logFilterOptions(): Option[] {
  const levels = `${LEVELS.join(', ')}: it and all above; with commas, these only`;
  return [
    new Option('--level <level>', levels).argParser(levelsOf),
    new Option('--search <text>', 'text in the message or the data'),
    ...sharedOptions(),
  ];
}

/** The filters that the parsed options of `obs logs` ask for. */
export function logFiltersOf(options: Record<string, unknown>): Filter<EventFilters['logs']>[] {
  const level = options['level'] as ReturnType<typeof levelsOf> | undefined;
  return [
    ...(level ? [{ flag: `--level ${level.text}`, part: { level: level.levels } }] : []),
    ...equalFilter(options, 'search', 'search'),
    ...sharedFiltersOf(options),
  ];
}

/** The options of `obs metrics` that narrow what is counted. */
export function metricFilterOptions(): Option[] {
  return [
    new Option('--label <key=value>', 'has the label; may be repeated').argParser(collect),
    ...sharedOptions(),
  ];
}

/** The filters that the parsed options of `obs metrics` ask for. */
export function metricFiltersOf(options: Record<string, unknown>): Filter<EventFilters['metrics']>[] {
  const { label = [] } = options as { label?: string[] };
  return [
    ...label.map((text) => ({
      flag: `--label ${text}`,
      part: { labels: Object.fromEntries([entryOf(text)]) },
    })),
    ...sharedFiltersOf(options),
  ];
}

/** The options of `obs scores` that narrow the list. */
export function scoreFilterOptions(): Option[] {
  return [
    new Option('--scorer <id>', 'id of the scorer'),
    new Option('--search <text>', 'text in the label or the reason'),
    ...sharedOptions(),
  ];
}

/** The filters that the parsed options of `obs scores` ask for. */
export function scoreFiltersOf(options: Record<string, unknown>): Filter<EventFilters['scores']>[] {
  return [
    ...equalFilter(options, 'scorer', 'scorerId'),
    ...equalFilter(options, 'search', 'search'),
    ...sharedFiltersOf(options),
  ];
}

/** The options of `obs feedback` that narrow the list. */
export function feedbackFilterOptions(): Option[] {
  return [
    new Option('--type <text>', 'kind of feedback, such as thumbs'),
    new Option('--search <text>', 'text in the value or the comment'),
    ...sharedOptions(),
  ];
}

/** The filters that the parsed options of `obs feedback` ask for. */
export function feedbackFiltersOf(options: Record<string, unknown>): Filter<EventFilters['feedback']>[] {
  return [
    ...equalFilter(options, 'type', 'feedbackType'),
    ...equalFilter(options, 'search', 'search'),
    ...sharedFiltersOf(options),
  ];
}

/** By severity. A list of its own: the help must not load the host. */
const LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const satisfies readonly LogLevel[];

function levelsOf(text: string): { text: string; levels: LogLevel[] } {
  const named = text.split(',').filter((name) => name !== '');
  const unknown = named.find((name) => !LEVELS.includes(name as LogLevel));
  if (named.length === 0 || unknown !== undefined) {
    throw new InvalidArgumentError(`Levels are ${LEVELS.join(', ')}.`);
  }
  const isList = text.includes(',');
  const levels = isList ? (named as LogLevel[]) : LEVELS.slice(LEVELS.indexOf(named[0] as LogLevel));
  return { text, levels };
}
