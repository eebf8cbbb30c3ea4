import { definePlugin, type Plugin } from '../../core/contract/plugin.ts';
import type { BaseObservabilityInstance } from '../../core/instance.ts';

/** Kinds of events, and how many of a thousand are of them. */
const SHARES = {
  child: 460,
  root: 15,
  failed: 5,
  debug: 400,
  info: 100,
  error: 5,
  score: 10,
  feedback: 5,
};
export type Kind = keyof typeof SHARES;
export const KINDS = Object.keys(SHARES) as Kind[];
/** Those that nothing displaces while they find room by themselves. */
export const VALUABLE: readonly Kind[] = ['root', 'failed', 'error', 'score', 'feedback'];

/** A stream of events of all kinds, of which each is known by a name. */
export interface Mix {
  /** Emits the next event. */
  emit(): void;
  /** How many of each kind it has emitted. */
  readonly emitted: Readonly<Record<Kind, number>>;
  /** How many of each kind have not arrived. */
  missing(collector: Collector): Record<Kind, number>;
}

/** Starts one. */
export function createMix(obs: BaseObservabilityInstance): Mix {
  const parent = obs.startSpan({ name: 'never ends', type: 'generic' });
  const emitted = byKind(() => 0);
  const span = { type: 'generic', input: TEXT } as const;
  const emitters: Record<Kind, (name: string) => void> = {
    child: (name) => obs.startSpan({ ...span, name, parent }).end(),
    root: (name) => obs.startSpan({ ...span, name }).end(),
    failed: (name) =>
      obs.startSpan({ ...span, name, parent }).error({ error: new Error('boom'), endSpan: true }),
    debug: (name) => obs.logger.debug(name, { text: TEXT }),
    info: (name) => obs.logger.info(name, { text: TEXT }),
    error: (name) => obs.logger.error(name, { text: TEXT }),
    score: (name) => obs.addScore({ traceId: parent.traceId, scorerId: name, score: 1 }),
    feedback: (name) => obs.addFeedback({ traceId: parent.traceId, feedbackType: name, value: 1 }),
  };
  let count = 0;
  return {
    emitted,
    emit() {
      const kind = kindOf(count);
      emitted[kind]++;
      emitters[kind](String(count++));
    },
    missing({ times }) {
      const lost = byKind(() => 0);
      for (let n = 0; n < count; n++) if (times[n] === 0) lost[kindOf(n)]++;
      return lost;
    },
  };
}

/** A destination of such events. */
export interface Collector {
  readonly plugin: Plugin;
  /** How often each event arrived, by the number that is its name. As large for a few of them as for all. */
  readonly times: Uint8Array;
}

/** Counts arrivals; `admit` lets a batch in by resolving, and refuses it by what it throws. */
export function createCollector(events: number, admit: () => void | Promise<void>): Collector {
  const times = new Uint8Array(events);
  const sending =
    <E>(nameOf: (event: E) => string) =>
    async (batch: readonly E[]) => {
      await admit();
      for (const event of batch) times[Number(nameOf(event))]!++;
    };
  const plugin = definePlugin({
    name: 'collector',
    apiVersion: 1,
    kind: 'exporter',
    signals: ['tracing', 'logs', 'scores', 'feedback'],
    apply(host) {
      host.deliver.tracing(
        sending((event) => event.exportedSpan.name),
        { events: ['span.ended'] },
      );
      host.deliver.logs(sending((event) => event.record.message));
      host.deliver.scores(sending((event) => event.score.scorerId));
      host.deliver.feedback(sending((event) => event.feedback.feedbackType));
    },
  });
  return { plugin: plugin as unknown as Plugin, times };
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

function byKind<V>(make: (kind: Kind) => V): Record<Kind, V> {
  return Object.fromEntries(KINDS.map((kind) => [kind, make(kind)])) as Record<Kind, V>;
}
