/** Compile-time tests: this file is checked by `tsc --noEmit` and never run. */
import * as z from 'zod';
import { defineConfig } from '../../core/config/define.ts';
import { BaseExporter, type ObservabilityExporter } from '../../core/contract/exporter.ts';
import type { PluginHost } from '../../core/contract/host.ts';
import { definePlugin, type PluginUse } from '../../core/contract/plugin.ts';
import type { TracingEvent } from '../../core/signals/tracing.ts';
import { filter } from '../../plugins/filter/index.ts';
import { limit } from '../../plugins/limit/index.ts';
import { redact } from '../../plugins/redact/index.ts';

const acme = definePlugin({
  name: 'acme',
  apiVersion: 1,
  kind: 'exporter',
  signals: ['tracing', 'scores'],
  options: z.strictObject({ endpoint: z.string(), retries: z.int().default(3) }),
  apply(host, options) {
    host satisfies PluginHost;
    // What apply is given is what the schema made of it, defaults filled in.
    options satisfies { endpoint: string; retries: number };
  },
});

// A plugin is a factory of entries that knows its options.
acme({ endpoint: 'https://example.test' }) satisfies PluginUse;
acme({ endpoint: 'https://example.test', retries: 5 }) satisfies PluginUse;
// @ts-expect-error an endpoint is a text
acme({ endpoint: 5 });
// @ts-expect-error there is no such option
acme({ endpoint: 'e', endpont: 'e' });
// @ts-expect-error the endpoint is needed
acme({});
// @ts-expect-error the endpoint is needed
acme();
acme.signals satisfies readonly string[];

const plain = definePlugin({ name: 'plain', apiVersion: 1, kind: 'store', signals: [], apply() {} });
plain();
// @ts-expect-error it has no options
plain({ any: 1 });

// @ts-expect-error a plugin has an apply function
definePlugin({ name: 'x', apiVersion: 1, kind: 'exporter', signals: [] });
// @ts-expect-error there is no such signal
definePlugin({ name: 'x', apiVersion: 1, kind: 'exporter', signals: ['traces'], apply() {} });
// @ts-expect-error there is no such kind
definePlugin({ name: 'x', apiVersion: 1, kind: 'sink', signals: [], apply() {} });
// @ts-expect-error it is made for another host
definePlugin({ name: 'x', apiVersion: 2, kind: 'exporter', signals: [], apply() {} });

defineConfig({
  plugins: {
    acme: {
      use: acme({ endpoint: 'e' }),
      processors: [
        redact({ keys: ['email'] }),
        limit,
        'filter',
        { use: 'enrich', options: { labels: { a: 'b' } } },
      ],
    },
  },
});
// @ts-expect-error there is no such option
redact({ key: ['email'] });
// @ts-expect-error there is no such signal
filter({ drop: [{ signal: 'traces' }] });
// @ts-expect-error a processor is a plugin or a name
defineConfig({ plugins: { acme: { use: acme({ endpoint: 'e' }), processors: [5] } } });

export function aHostGivesEachSignalItsEvents(host: PluginHost): void {
  host.hooks.tracing.tap((event) => {
    event satisfies TracingEvent;
  });
  host.hooks.logs.tap(({ record }) => {
    record.message satisfies string;
  });
  host.deliver.metrics(async (batch) => {
    batch[0]?.value satisfies number | undefined;
  });
  host.deliver.tracing(async () => ({ rejected: [{ index: 0, reason: 'r' }] }), { events: ['span.ended'] });
  // @ts-expect-error there is no such event
  host.deliver.tracing(async () => {}, { events: ['span.done'] });
  host.process.feedback('redact', (event) => (event.feedback.comment ? null : event));
  // @ts-expect-error a processor answers at once
  host.process.logs('enrich', async (event) => event);
  // @ts-expect-error a processor answers with an event of the same signal
  host.process.logs('enrich', () => ({ type: 'metric' }));
  // @ts-expect-error there is no such phase
  host.process.logs('export', (event) => event);
}

// An exporter has handlers for what it supports, of the older interface too.
export const exporters = {
  none: { name: 'x' } satisfies ObservabilityExporter,
  some: { name: 'x', onLogEvent: ({ record }) => void record.level } satisfies ObservabilityExporter,
  older: {
    name: 'x',
    async exportTracingEvent({ exportedSpan }) {
      exportedSpan.traceId satisfies string;
    },
    addScoreToTrace({ score }) {
      score satisfies number;
    },
  } satisfies ObservabilityExporter,
  // @ts-expect-error an exporter has a name
  nameless: { onLogEvent() {} } satisfies ObservabilityExporter,
};

export class ByMethod extends BaseExporter {
  readonly name = 'by-method';
  override exportTracingEvent = async (event: TracingEvent): Promise<void> => {
    this.logger.debug(event.type);
  };
}
