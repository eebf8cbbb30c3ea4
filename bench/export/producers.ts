import { type AttributeValue, SpanKind, type Tracer, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { createObs } from 'obs-kit';
import { otel } from 'obs-kit/otel';

/** Something that makes spans of model calls and sends them over OTLP. */
export interface Producer {
  /** One span with input, output, model and usage. */
  span(n: number): void;
  /** Resolves when all that was made is sent or given up. */
  flush(): Promise<unknown>;
  close(): Promise<unknown>;
}

const WORDS = [
  'order',
  'refund',
  'please',
  'the',
  'customer',
  'asked',
  'for',
  'details',
  'about',
  'shipping',
];
const textOf = (n: number, words: number) =>
  Array.from({ length: words }, (_, i) => WORDS[(n * 7 + i * 3) % WORDS.length]).join(' ');
const INPUTS = Array.from({ length: 50 }, (_, n) => [{ role: 'user', content: textOf(n, 100) }]);
const OUTPUTS = Array.from({ length: 50 }, (_, n) => textOf(n + 1, 60));

/** This project, with its defaults but for the compression. */
export async function ours(url: string, compression: 'gzip' | 'none'): Promise<Producer> {
  const plugins = { otel: otel({ endpoint: url, compression, probe: false }) };
  const obs = await createObs({}, { config: { plugins }, env: {}, environment: 'production' });
  return {
    span: (n) => {
      const span = obs.startSpan({
        name: 'answer',
        type: 'model_generation',
        input: INPUTS[n % 50],
        userId: `user-${n % 100}`,
        attributes: { model: 'claude-sonnet-4-5', provider: 'anthropic', parameters: { temperature: 0.2 } },
      });
      span.end({
        output: OUTPUTS[n % 50],
        attributes: {
          usage: { inputTokens: 600 + (n % 50), outputTokens: 200, inputDetails: { cacheRead: 100 } },
          finishReason: 'stop',
        },
      });
    },
    flush: () => obs.flush({ deadlineMs: 60_000 }),
    close: () => obs.shutdown(),
  };
}

/** The official SDK with its batch processor and exporter; the attributes are those that arrive from ours. */
export async function official(url: string, compression: 'gzip' | 'none'): Promise<Producer> {
  const exporter = new OTLPTraceExporter({ url: `${url}/v1/traces`, compression: compression as never });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'bench',
      'deployment.environment.name': 'production',
    }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  trace.setGlobalTracerProvider(provider);
  const tracer = provider.getTracer('bench');
  return {
    span: (n) => officialSpan(tracer, n),
    flush: () => provider.forceFlush(),
    close: () => provider.shutdown(),
  };
}

function officialSpan(tracer: Tracer, n: number): void {
  const [{ role, content }] = INPUTS[n % 50] as [{ role: string; content: string }];
  const input = [{ role, parts: [{ type: 'text', content }] }];
  const attributes: Record<string, AttributeValue> = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'anthropic',
    'gen_ai.request.model': 'claude-sonnet-4-5',
    'gen_ai.request.temperature': 0.2,
    'user.id': `user-${n % 100}`,
    'gen_ai.input.messages': JSON.stringify(input),
    'obs.span.type': 'model_generation',
    'obs.span.name': 'answer',
  };
  const span = tracer.startSpan('chat claude-sonnet-4-5', { kind: SpanKind.CLIENT, attributes });
  const parts = [{ type: 'text', content: OUTPUTS[n % 50] }];
  span.setAttributes({
    'gen_ai.output.messages': JSON.stringify([{ role: 'assistant', parts, finish_reason: 'stop' }]),
    'gen_ai.usage.input_tokens': 600 + (n % 50),
    'gen_ai.usage.output_tokens': 200,
    'gen_ai.usage.cache_read.input_tokens': 100,
    'gen_ai.response.finish_reasons': ['stop'],
  });
  span.end();
}
