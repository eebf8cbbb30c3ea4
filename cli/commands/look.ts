import { type Command, Option } from 'commander';
import {
  feedbackFilterOptions,
  logFilterOptions,
  metricFilterOptions,
  scoreFilterOptions,
} from '../event-filters.ts';
import { threadFilterOptions } from '../thread-filters.ts';
import { traceFilterOptions } from '../trace-filters.ts';
import {
  add,
  command,
  type Does,
  fractions,
  interval,
  pages,
  span,
  store,
  wholeNumber,
  words,
  wordsOf,
} from './options.ts';

/** The commands that look at what is stored. */
export function lookCommands(program: Command, does: Does): void {
  program.commandsGroup('Look at what is stored:');
  traces(program, does);
  threads(program, does);
  events(program, does);
  metrics(program, does);
  add(command(program, 'stats', 'Show how much is stored.'), [store()]).action(
    does(async () => (await import('../stats.ts')).stats),
  );
  tail(program, does);
  query(program, does);
}

function traces(program: Command, does: Does): void {
  const sort = new Option('--sort <time>', 'which time').choices(['started', 'ended']).default('started');
  const list = command(program, 'traces', 'List stored traces, newest first.');
  add(list, [...traceFilterOptions(), sort, ...pages('traces')]).action(
    does(async () => (await import('../traces.ts')).traces),
  );
  command(program, 'trace', 'Show one trace as tree and waterfall.')
    .argument('<id>', 'trace id, the beginning of one, or: last')
    .option('--span <id>', 'one span in full: its id or the beginning of it')
    .addOption(store())
    .action(does(async () => (await import('../trace.ts')).trace));
}

function threads(program: Command, does: Does): void {
  const list = command(program, 'threads', 'List conversations, or the turns of one.');
  list.argument('[id]', 'thread id: show its turns, oldest first');
  add(list, [...threadFilterOptions(), ...pages('threads')]).action(
    does(async () => (await import('../threads.ts')).threads),
  );
}

function events(program: Command, does: Does): void {
  const logs = command(program, 'logs', 'List logs, newest first.');
  add(logs, [...logFilterOptions(), ...pages('logs')]).action(
    does(async () => (await import('../logs.ts')).logs),
  );
  const scores = command(program, 'scores', 'List scores, newest first.');
  add(scores, [...scoreFilterOptions(), ...pages('scores')]).action(
    does(async () => (await import('../scores.ts')).scores),
  );
  const feedback = command(program, 'feedback', 'List feedback, newest first.');
  add(feedback, [...feedbackFilterOptions(), ...pages('feedback events')]).action(
    does(async () => (await import('../feedback.ts')).feedback),
  );
}

const AGGREGATIONS = ['sum', 'avg', 'min', 'max', 'count', 'last', 'distinct'];

function metrics(program: Command, does: Does): void {
  const show = command(program, 'metrics', 'List metrics, or aggregate one by labels and time.');
  show
    .argument('[name]', 'metric to aggregate')
    .option('--by <labels>', 'a line for each combination of their values; with commas', words)
    .option('--interval <time>', 'length of a step of the trend, such as 5m; default: what fits', interval)
    .addOption(
      new Option(
        '--aggregation <way>',
        'default: sum of a counter, last of a gauge, avg of a histogram',
      ).choices(AGGREGATIONS),
    )
    .option('--percentiles <list>', 'such as 0.5,0.99; of a histogram by default', fractions)
    .option('--limit <n>', 'lines, those with most observations', wholeNumber(1, 1_000), 20);
  add(show, [...metricFilterOptions(), store()]).action(
    does(async () => (await import('../metrics.ts')).metrics),
  );
}

function tail(program: Command, does: Does): void {
  const signals = ['tracing', 'logs', 'scores', 'feedback'] as const;
  command(program, 'tail', 'Follow what is being stored until interrupted.')
    .option('--signals <list>', `some of ${signals.join(', ')}; with commas`, wordsOf(signals))
    .addOption(store())
    .action(does(async () => (await import('../tail.ts')).tail));
}

function query(program: Command, does: Does): void {
  command(program, 'query', 'Ask in SQL: one SELECT, which changes nothing.')
    .argument('<sql>', 'such as: "select type, count(*) from obs_spans group by all"')
    .option('--max-rows <n>', 'rows at most', wholeNumber(1, 100_000), 1_000)
    .option('--timeout <time>', 'time it may take, such as 30s', span, 30_000)
    .addOption(store())
    .action(does(async () => (await import('../query.ts')).query));
}
