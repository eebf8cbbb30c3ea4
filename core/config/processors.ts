import { isPlugin } from '../contract/plugin.ts';
import type { ProcessorForm } from './entry-form.ts';
import { checkOptions } from './options.ts';
import type { Path } from './path.ts';
import type { Finding } from './problems.ts';
import type { ResolvedProcessor } from './resolved.ts';
import { type EntryContext, findingAt, usablePlugin } from './usable-plugin.ts';

/** The processors of an entry as the host runs them, without those that something is wrong with. */
export interface ProcessorsResult {
  processors: ResolvedProcessor[];
  findings: Finding[];
}

/** Resolves the processors of an entry, in their long form: plugin, manifest, kind, options. */
export async function resolveProcessors(
  written: unknown,
  entry: Path,
  context: EntryContext,
): Promise<ProcessorsResult> {
  const result: ProcessorsResult = { processors: [], findings: [] };
  // What is no list has been reported where it was written.
  const forms = Array.isArray(written) ? (written as ProcessorForm[]) : [];
  for (const [index, form] of forms.entries())
    await resolveOne(form, [...entry, 'processors', `${index}`], context, result);
  return result;
}

async function resolveOne(
  { use, options }: ProcessorForm,
  path: Path,
  context: EntryContext,
  { processors, findings }: ProcessorsResult,
): Promise<void> {
  // What is none has been reported where it was written.
  if (use === undefined) return;
  const plugin = await usablePlugin(use, context);
  if (!isPlugin(plugin)) {
    findings.push(findingAt([...path, 'use'], plugin, context));
    return;
  }
  if (plugin.kind !== 'processor') {
    const message = `expected a processor, got the ${plugin.kind} "${plugin.name}"`;
    findings.push(findingAt([...path, 'use'], { code: 'OBS_CONFIG_TYPE', message }, context));
    return;
  }
  context.secrets.rememberSchema(path.slice(1).join('.'), plugin.options);
  const checked = await checkOptions(plugin, options, [...path, 'options'], context);
  findings.push(...checked.findings);
  processors.push({ plugin, options: checked.value });
}
