import type { SinonFakeTimers } from 'sinon';
import type { DeliveryOptions } from '../../core/delivery/options.ts';
import { RetryableError } from '../../core/delivery/outcome.ts';
import type { Diagnostics } from '../../core/diagnostics.ts';
import type { BaseObservabilityInstance } from '../../core/instance.ts';
import { definePlugin, type Plugin } from '../../core/plugin.ts';
import type { Span } from '../../core/signals/span.ts';
import { createTestHost } from '../kit/host.ts';
import { heldBytes } from './memory.ts';

/** An outage of an hour, on a clock that a test moves. */
export interface HourRun {
  timers: SinonFakeTimers;
  /** Events in that hour, evenly spread. */
  events: number;
  isDown: boolean;
  /** The `delivery` block of the entry. */
  delivery?: DeliveryOptions;
  random: () => number;
}

/** What came of it. */
export interface HourResult {
  /** Names of the events that were emitted, by kind. */
  emitted: Record<Kind, string[]>;
  /** Those that the destination has at the end. */
  held: ReadonlySet<string>;
  /** How many it got twice. */
  repeated: number;
  /** At the end of the hour, before the recovery. */
  during: Diagnostics['plugins'][string];
  after: Diagnostics['plugins'][string];
  heldBytesDuring: number;
}

/** Kinds of events and how many of a thousand are of them. */
const SHARES = { child: 470, root: 10, debug: 400, info: 105, error: 5, score: 10 };
export type Kind = keyof typeof SHARES;
export const KINDS = Object.keys(SHARES) as Kind[];

const HOUR_S = 3_600;
const KEY = 'destination';

/** An hour of events, then half a minute in which the destination works. */
export async function runHour({ timers, events, isDown, delivery, random }: HourRun): Promise<HourResult> {
  const state = { isDown, held: new Set<string>(), repeated: 0 };
  const host = createTestHost({
    config: { environment: 'production' },
    plugins: { [KEY]: { plugin: destination(state), delivery: delivery ?? {} } },
    random,
  });
  await host.start();
  const emitted = Object.fromEntries(KINDS.map((kind) => [kind, [] as string[]])) as Record<Kind, string[]>;
  const parent = host.obs.startSpan({ name: 'never ends', type: 'generic' });
  for (let second = 1, count = 0; second <= HOUR_S; second++) {
    for (; count < (events * second) / HOUR_S; count++) emitOne(host.obs, parent, count, emitted);
    await timers.tickAsync(1_000);
  }
  const during = host.obs.diagnostics().plugins[KEY]!;
  const heldBytesDuring = heldBytes();
  state.isDown = false;
  await timers.tickAsync(30_000);
  const after = host.obs.diagnostics().plugins[KEY]!;
  const { held, repeated } = state;
  return { emitted, held, repeated, during, after, heldBytesDuring };
}

function destination(state: { isDown: boolean; held: Set<string>; repeated: number }): Plugin {
  const take = (name: string) => {
    if (state.held.has(name)) state.repeated++;
    state.held.add(name);
  };
  const sending =
    <E>(nameOf: (event: E) => string) =>
    async (batch: readonly E[]) => {
      if (state.isDown) throw new RetryableError('nobody is there', { isUnreachable: true });
      for (const event of batch) take(nameOf(event));
    };
  return definePlugin({
    name: KEY,
    apiVersion: 1,
    kind: 'exporter',
    signals: ['tracing', 'logs', 'scores'],
    apply(host) {
      host.deliver.tracing(
        sending((event) => event.exportedSpan.name),
        { events: ['span.ended'] },
      );
      host.deliver.logs(sending((event) => event.record.message));
      host.deliver.scores(sending((event) => event.score.scorerId));
    },
  }) as unknown as Plugin;
}

function emitOne(
  obs: BaseObservabilityInstance,
  parent: Span,
  n: number,
  emitted: Record<Kind, string[]>,
): void {
  const kind = kindOf(n % 1_000);
  const name = `${kind} ${n}`;
  emitted[kind].push(name);
  if (kind === 'root') obs.startSpan({ name, type: 'generic', input: TEXT }).end();
  else if (kind === 'child') obs.startSpan({ name, type: 'generic', input: TEXT, parent }).end();
  else if (kind === 'score') obs.addScore({ traceId: parent.traceId, scorerId: name, score: 1 });
  else obs.logger[kind](name, { text: TEXT });
}

const TEXT = 'what was said and what came of it '.repeat(8);

/** The kinds take turns as their shares say, mixed by a step that is prime to a thousand. */
function kindOf(n: number): Kind {
  let place = (n * 379) % 1_000;
  return KINDS.find((kind) => {
    place -= SHARES[kind];
    return place < 0;
  })!;
}
