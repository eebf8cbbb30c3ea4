import { definePlugin, SIGNALS } from '../../core/index.ts';
import { OtelExporter } from './exporter.ts';
import { otelOptions } from './options.ts';

export { OtelExporter } from './exporter.ts';
export type { OtelOptions } from './options.ts';
export { PRESETS, type Preset, type PresetName } from './settings/presets.ts';

/** OpenTelemetry over HTTP: to a collector, or to a service by the name of its preset. */
export const otel = definePlugin({
  name: 'otel',
  apiVersion: 1,
  kind: 'exporter',
  signals: SIGNALS,
  description: 'traces, metrics and logs over OTLP/HTTP, to a collector or a service by name',
  options: otelOptions,
  apply(host, options) {
    host.registerExporter(new OtelExporter(options));
  },
});
