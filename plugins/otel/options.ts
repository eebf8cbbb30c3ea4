import * as z from 'zod';
import { secret } from '../../core/index.ts';
import { presetProblems } from './settings/destinations.ts';
import { PRESET_NAMES, type PresetName } from './settings/presets.ts';

const headers = () =>
  z
    .record(z.string(), z.string())
    .describe(
      'Sent with each request, over those of a preset or of OTEL_EXPORTER_OTLP_HEADERS. Default: none',
    );
const url = () => z.url({ protocol: /^https?$/ });
const encoding = () => z.enum(['protobuf', 'json']).describe('Default protobuf');
const compression = () => z.enum(['gzip', 'none']).describe('Default gzip');

/** What one signal has of its own. */
const signal = () =>
  z.strictObject({
    endpoint: url().optional().describe('The whole URL, used as it is. Default: from the shared endpoint'),
    headers: headers().optional(),
    encoding: encoding().optional().describe('Default: as for all signals'),
    compression: compression().optional().describe('Default: as for all signals'),
  });

const shape = () =>
  z.strictObject({
    preset: z
      .enum(PRESET_NAMES as [PresetName, ...PresetName[]])
      .optional()
      .describe('A service by name. Default: none'),
    apiKey: secret()
      .optional()
      .describe('What a preset calls the key. Default: the variable that the preset names'),
    params: z
      .record(z.string(), z.string())
      .default({})
      .describe('What else a preset asks for, such as region'),
    endpoint: url()
      .optional()
      .describe(
        'The address that all signals share; /v1/<signal> is appended. Default: OTEL_EXPORTER_OTLP_ENDPOINT, else http://localhost:4318',
      ),
    headers: headers().optional(),
    encoding: encoding().optional(),
    compression: compression().optional(),
    timeoutMs: z.int().min(1).optional().describe('Milliseconds one request may take. Default 10,000'),
    traces: signal().optional().describe('Of spans alone'),
    logs: signal().optional().describe('Also of scores and feedback, which are sent as log records'),
    metrics: signal().optional().describe('Of metrics alone'),
    certificate: z
      .string()
      .optional()
      .describe(
        'Path of the PEM file with the certificates that are trusted. Default: OTEL_EXPORTER_OTLP_CERTIFICATE, else those of Node',
      ),
    clientKey: z
      .string()
      .optional()
      .describe(
        'Path of the PEM file with the key of the client. Default: OTEL_EXPORTER_OTLP_CLIENT_KEY, else none',
      ),
    clientCertificate: z
      .string()
      .optional()
      .describe(
        'Path of the PEM file with the certificate of the client. Default: OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE, else none',
      ),
    attributes: z.enum(['gen_ai', 'openinference']).optional().describe('Whose names. Default gen_ai'),
    conventions: z
      .enum(['1.41', 'genai'])
      .default('1.41')
      .describe('1.41: the last version of the core repository; genai: the newer repository, still moving'),
    temporality: z.enum(['delta', 'cumulative']).optional().describe('Of sums and histograms. Default delta'),
    histogramBounds: z
      .array(z.number())
      .refine((bounds) => bounds.every((bound, i) => i === 0 || bound > bounds[i - 1]!), 'must rise')
      .default([0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000])
      .describe('Upper bounds of the buckets'),
    maxSeries: z.int().min(1).default(2_000).describe('Label sets of one metric; the rest is one series'),
    maxRequestBytes: z.int().min(1_000).default(4_000_000).describe('Of one request, before compression'),
    redelivery: z
      .enum(['safe', 'unsafe'])
      .optional()
      .describe('unsafe: what may have arrived is not sent again. Default safe, as the protocol advises'),
    probe: z.boolean().default(true).describe('Asks at the start whether the address takes OTLP'),
  });

/** Options as they are written in a config. */
export type OtelOptions = z.input<ReturnType<typeof shape>>;
/** Options with every default filled in. */
export type ResolvedOtelOptions = z.output<ReturnType<typeof shape>>;

/** Options of the plugin and of {@link OtelExporter}, checked and with defaults filled in. */
export const otelOptions = z.lazy(() =>
  shape().check(({ value, issues }) => {
    for (const problem of presetProblems(value)) issues.push({ ...problem, code: 'custom', input: value });
  }),
);
