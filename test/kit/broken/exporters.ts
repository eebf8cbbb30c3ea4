import * as z from 'zod';
import {
  AmbiguousError,
  definePlugin,
  type LogEvent,
  messageOf,
  PermanentError,
  type Plugin,
  RetryableError,
  type Send,
  type SendContext,
  type Signal,
  secret,
  sendHttp,
} from '../../../core/index.ts';
import { exporterCases, httpDestination, ok } from '../index.ts';

interface Options {
  url: string;
  apiKey: string;
}
type Shape = Record<keyof Options, z.ZodType> & Record<string, z.ZodType>;

/** What is wrong with an exporter that is sound otherwise. */
export interface Fault {
  signals?: readonly Signal[];
  options?: (shape: Shape) => z.ZodType;
  fetch?: (fetch: typeof globalThis.fetch) => typeof globalThis.fetch;
  send?: (send: Send<LogEvent>, options: Options) => Send<LogEvent>;
  apply?: (life: Life) => void;
}
/** What the life of the exporter consists of. */
interface Life {
  start: (() => unknown)[];
  shutdown: (() => unknown)[];
  post: (batch: readonly LogEvent[]) => Promise<unknown>;
}

/** Timers of exporters that leave some open; for the test to stop. */
export const leaks: NodeJS.Timeout[] = [];

const SHAPE: Shape = {
  url: z.url().describe('Where logs go'),
  apiKey: secret().describe('The key of the destination'),
  maxItems: z.int().min(1).default(100).describe('Logs of one request'),
};

/** The plugin with a fault; with none it is sound. */
function exporterWith({ signals = ['logs'], options = z.strictObject, fetch, send, apply }: Fault): Plugin {
  return definePlugin({
    name: 'messages',
    apiVersion: 1,
    kind: 'exporter',
    signals,
    options: options(SHAPE) as z.ZodType<Options>,
    apply(host, { url, apiKey }) {
      const fetched = fetch ? fetch(host.fetch) : host.fetch;
      const post = async (batch: readonly LogEvent[], context: Partial<SendContext> = {}) => {
        const body = JSON.stringify(batch.map(({ id }) => id));
        const headers = { authorization: `Bearer ${apiKey}` };
        const request = {
          url,
          body,
          headers,
          ...(context.abortSignal && { abortSignal: context.abortSignal }),
        };
        const { text } = await sendHttp(fetched, request);
        const index = batch.findIndex(({ id }) => text.includes(id));
        if (index >= 0) return { rejected: [{ index, reason: 'named by the answer' }] };
      };
      const life: Life = { start: [], shutdown: [], post: (batch) => post(batch) };
      apply?.(life);
      for (const step of life.start) host.hooks.start.tap(async () => void (await step()));
      host.deliver.logs(send ? send(post, { url, apiKey }) : post);
      for (const step of life.shutdown) host.hooks.shutdown.tap(async () => void (await step()));
    },
  }) as unknown as Plugin;
}

/** The cases of the exporter with a fault. */
export function casesWith(fault: Fault = {}) {
  const plugin = exporterWith(fault);
  return exporterCases({
    use: ({ address }) => plugin({ url: address, apiKey: 'a key of tests' }),
    destination: httpDestination({
      idsOf: ({ body }) => JSON.parse(body.toString()),
      partial: (id) => ok({ body: JSON.stringify({ refused: id }) }),
    }),
    signals: ['logs'],
  });
}

/** A send that does something else when the true one fails. */
const failing =
  (then: (error: unknown, ...args: Parameters<Send<LogEvent>>) => void): NonNullable<Fault['send']> =>
  (send) =>
  (batch, context) =>
    send(batch, context).catch((error) => then(error, batch, context));

/** A fetch of whose failure nobody takes care, when it fails so. */
const careless =
  (how: string, react: (error: unknown) => void): NonNullable<Fault['fetch']> =>
  (fetch) =>
  async (...args) => {
    try {
      return await fetch(...args);
    } catch (error) {
      if (messageOf(error).endsWith(` ${how}`)) react(error);
      throw error;
    }
  };

function rethrow(error: unknown): never {
  throw error;
}

/** An exporter for each check that fails it and no other, by the id of the check. */
export const BROKEN_EXPORTERS: Readonly<Record<string, Fault>> = {
  'manifest.described': { options: (shape) => z.strictObject({ ...shape, extra: z.string().optional() }) },
  'manifest.defaults': {
    options: (shape) => z.strictObject({ ...shape, size: z.int().min(1).default(0).describe('Too small') }),
  },
  'manifest.unknown': { options: (shape) => z.object(shape) },
  'manifest.secrets': {
    options: (shape) => z.strictObject({ ...shape, apiKey: z.string().describe('A key') }),
  },
  'signals.declared': { signals: ['logs', 'feedback'] },
  'signals.idle': {
    apply({ shutdown }) {
      const timer = setInterval(() => {}, 1_000);
      shutdown.push(() => clearInterval(timer));
    },
  },
  'decision.ok.logs': {
    // Says twice what went well at once; seven are sent by the checks of decisions.
    send: (send) => async (batch, context) => {
      const result = await send(batch, context);
      if (batch.length === 7 && context.attempt === 1 && !result) await send(batch.slice(1), context);
      return result;
    },
  },
  'decision.retryable.logs': {
    send: failing((error) => (error instanceof RetryableError ? undefined : rethrow(error))),
  },
  'decision.permanent.logs': {
    send: failing((error) => (error instanceof PermanentError ? undefined : rethrow(error))),
  },
  'decision.partial.logs': { send: (send) => async (batch, context) => void (await send(batch, context)) },
  'decision.slow.logs': {
    // What had no answer is taken for delivered.
    send(send) {
      const unanswered = new Set<string>();
      return async (batch, context) => {
        const { abortSignal, batchId } = context;
        abortSignal.addEventListener('abort', () => unanswered.add(batchId));
        if (!unanswered.has(batchId)) return send(batch, context);
      };
    },
  },
  'redelivery.logs': {
    // Its ids are those of a try, so the destination takes a repetition for something new.
    send(send) {
      let tries = 0;
      return (batch, context) => {
        const again = batch.map((event) => (tries === 0 ? event : { ...event, id: `${event.id}-${tries}` }));
        return send(again, context).catch((error) => {
          if (error instanceof AmbiguousError) tries++;
          throw error;
        });
      };
    },
  },
  'isolation.unchanged': {
    // Six are sent by that check only; elsewhere it would fail too, since events are frozen in tests.
    send: (send) => (batch, context) => {
      if (batch.length === 6) batch[0]!.record.message = 'changed';
      return send(batch, context);
    },
  },
  'isolation.sync': { fetch: careless('sync', (error) => queueMicrotask(() => rethrow(error))) },
  'isolation.async': { fetch: careless('async', (error) => void Promise.reject(error)) },
  'isolation.late': { fetch: careless('late', (error) => void Promise.reject(error)) },
  'lifecycle.orders': {
    apply({ shutdown }) {
      let isShutDown = false;
      shutdown.push(() => {
        if (isShutDown) throw new Error('it was shut down already');
        isShutDown = true;
      });
    },
  },
  'lifecycle.deadline': {
    // Clears up without letting go of the event loop.
    send: (send) => (batch, context) => {
      context.abortSignal.addEventListener('abort', () => {
        const until = performance.now() + 1_300;
        while (performance.now() < until);
      });
      return send(batch, context);
    },
  },
  'lifecycle.silence': {
    apply({ shutdown, post }) {
      const farewell = { id: 'farewell' } as LogEvent;
      shutdown.push(() => void setTimeout(() => post([farewell]).catch(() => {}), 5).unref());
    },
  },
  'lifecycle.handles': {
    apply: ({ start }) => void start.push(() => leaks.push(setInterval(() => {}, 1_000))),
  },
  'secrets.canary': {
    send:
      (send, { apiKey }) =>
      (batch, context) =>
        send(batch, context).catch((error) => {
          if (error instanceof PermanentError) throw new PermanentError(`refused, with the key ${apiKey}`);
          throw error;
        }),
  },
};
