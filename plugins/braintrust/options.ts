import * as z from 'zod';
import { secret } from '../../core/index.ts';

/** Braintrust's data plane in the United States; `https://api-eu.braintrust.dev` is the European one. */
export const DEFAULT_API_URL = 'https://api.braintrust.dev';

/** Bytes of one request; half of what Braintrust's own client sends at most. */
export const DEFAULT_REQUEST_BYTES = 3 * 1024 * 1024;

/** The value of a variable; what stands for it when it is absent or empty is checked like any other value. */
const variable = (name: string) => process.env[name] || undefined;

const range = () =>
  z
    .strictObject({
      min: z.number().describe('The worst value; becomes 0'),
      max: z
        .number()
        .describe('The best value; becomes 1. Below min for a scorer whose lower values are better'),
    })
    .refine(({ min, max }) => min !== max, { error: 'min and max are the same' });

/** Options of the plugin and of {@link BraintrustExporter}, checked and with defaults filled in. */
export const braintrustOptions = z.lazy(() =>
  z.strictObject({
    apiKey: secret()
      .prefault(() => variable('BRAINTRUST_API_KEY')!)
      .meta({ expected: 'an API key, here or in the variable BRAINTRUST_API_KEY' })
      .describe('API key. Default: the variable BRAINTRUST_API_KEY'),
    apiUrl: z
      .url({ protocol: /^https?$/ })
      .prefault(() => variable('BRAINTRUST_API_URL') ?? DEFAULT_API_URL)
      .meta({ expected: 'an http or https URL' })
      .describe(`Address of the API. Default: the variable BRAINTRUST_API_URL, else ${DEFAULT_API_URL}`),
    projectName: z
      .string()
      .min(1)
      .optional()
      .describe(
        'Project that gets the rows; made when it is absent. Default: the variable BRAINTRUST_DEFAULT_PROJECT_NAME, else service.name',
      ),
    projectId: z
      .string()
      .min(1)
      .optional()
      .describe('Id of an existing project; goes before projectName. Default: BRAINTRUST_DEFAULT_PROJECT_ID'),
    orgName: z
      .string()
      .min(1)
      .optional()
      .describe('Organization, for keys that belong to several. Default: the variable BRAINTRUST_ORG_NAME'),
    scoreRanges: z
      .record(z.string(), range())
      .default({})
      .describe('Range of a scorer or of a type of feedback, by its name; mapped to 0..1. Default: 0 to 1'),
    maxRequestBytes: z
      .int()
      .min(10_000)
      .default(DEFAULT_REQUEST_BYTES)
      .describe('Bytes of one request; a row that is larger is truncated visibly'),
    probe: z
      .boolean()
      .default(true)
      .describe('Asks for the project at the start, so that a wrong key or address is said at once'),
  }),
);

/** Options as they are written in a config. */
export type BraintrustOptions = z.input<typeof braintrustOptions>;
/** Options with every default filled in. */
export type ResolvedBraintrustOptions = z.output<typeof braintrustOptions>;
/** The values of a scorer that become 0 and 1. */
export type ScoreRange = z.output<ReturnType<typeof range>>;

/** The project that is meant: by id, or by a name that is got or created. */
export type ProjectChoice = { id: string } | { name: string; orgName?: string };

/** Options first, then variables, then the name of the service; an id before a name. */
export function projectChoice(options: ResolvedBraintrustOptions, serviceName: string): ProjectChoice {
  const { projectId, projectName, orgName = variable('BRAINTRUST_ORG_NAME') } = options;
  const byName = (name: string) => ({ name, ...(orgName !== undefined && { orgName }) });
  if (projectId !== undefined) return { id: projectId };
  if (projectName !== undefined) return byName(projectName);
  const id = variable('BRAINTRUST_DEFAULT_PROJECT_ID');
  return id !== undefined ? { id } : byName(variable('BRAINTRUST_DEFAULT_PROJECT_NAME') ?? serviceName);
}
