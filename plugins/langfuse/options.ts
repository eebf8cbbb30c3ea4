import * as z from 'zod';
import { secret } from '../../core/index.ts';

const DEFAULT_BASE_URL = 'https://cloud.langfuse.com';

/** The first of the variables that is set; read when options are checked, so for enabled entries only. */
function variable(...names: string[]): () => string {
  // What is missing stays undefined: the schema behind then says what it expects.
  return () => names.map((name) => process.env[name]).find((value) => value) as string;
}

/** Options of the plugin and of {@link LangfuseExporter}, checked and with defaults filled in. */
export const langfuseOptions = z.lazy(() =>
  z.strictObject({
    publicKey: secret()
      .prefault(variable('LANGFUSE_PUBLIC_KEY'))
      .meta({ expected: 'the public key of the project, here or in LANGFUSE_PUBLIC_KEY' })
      .describe('Public key of the project (pk-lf-...). Default: LANGFUSE_PUBLIC_KEY'),
    secretKey: secret()
      .prefault(variable('LANGFUSE_SECRET_KEY'))
      .meta({ expected: 'the secret key of the project, here or in LANGFUSE_SECRET_KEY' })
      .describe('Secret key of the project (sk-lf-...). Default: LANGFUSE_SECRET_KEY'),
    baseUrl: z
      .url({ protocol: /^https?$/ })
      .transform((url) => url.replace(/\/+$/, ''))
      .prefault(
        () => variable('LANGFUSE_BASE_URL', 'LANGFUSE_BASEURL', 'LANGFUSE_HOST')() ?? DEFAULT_BASE_URL,
      )
      .describe(`Address of Langfuse, without a path. Default: LANGFUSE_BASE_URL, else ${DEFAULT_BASE_URL}`),
    environment: z
      .string()
      .min(1)
      .optional()
      .prefault(variable('LANGFUSE_TRACING_ENVIRONMENT'))
      .describe('Environment of all traces. Default: LANGFUSE_TRACING_ENVIRONMENT, else that of each span'),
    release: z
      .string()
      .min(1)
      .optional()
      .prefault(variable('LANGFUSE_RELEASE'))
      .describe('Release of the application. Default: LANGFUSE_RELEASE'),
    headers: z
      .record(z.string(), z.string())
      .default({})
      .describe('Further headers of every request, such as those a proxy in front of Langfuse asks for'),
    compression: z.enum(['gzip', 'none']).default('gzip').describe('Compression of requests with spans'),
    maxRequestBytes: z
      .int()
      .min(1_000)
      .default(4_000_000)
      .describe('Bytes of one request before compression; more is split, and a single larger span is cut'),
    retryOnTimeout: z
      .boolean()
      .default(false)
      .describe(
        'Send spans again when it is not known whether they arrived. Langfuse stores a repeated span twice',
      ),
    scoresApi: z
      .enum(['auto', 'array', 'ingestion', 'single'])
      .default('auto')
      .describe('How scores are sent; auto tries these three in this order and keeps what the server takes'),
    probe: z.boolean().default(true).describe('Check address and keys with an empty request at the start'),
  }),
);

/** Options as they are written in a config. */
export type LangfuseOptions = z.input<typeof langfuseOptions>;
/** Options with every default filled in. */
export type ResolvedLangfuseOptions = z.output<typeof langfuseOptions>;
