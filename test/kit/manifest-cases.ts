import assert from 'node:assert/strict';
import type { OptionsSchema, PluginUse } from '../../core/index.ts';
import { type ConformanceCase, caseOf } from './conformance.ts';
import { optionShape } from './option-shape.ts';

/** Names of options whose values are secrets. */
const SECRET = /(^|[a-z.])((api|secret|private|access|auth)[-_]?key|token|secret|password|passphrase)$/i;
const UNKNOWN = 'thereIsNoSuchOption';

/** A plugin whose manifest is looked at. */
export interface ManifestSubject {
  /** The plugin with valid options. */
  readonly use: () => PluginUse | Promise<PluginUse>;
  /** Options that look like secrets by their names and are none. */
  readonly notSecret?: readonly string[] | undefined;
}

/** What the manifest says can be relied on: `manifest.*`. */
export function manifestCases({ use, notSecret = [] }: ManifestSubject): ConformanceCase[] {
  const check = (what: string, sentence: string, run: (schema: unknown, given: object) => unknown) =>
    caseOf(`manifest.${what}`, sentence, undefined, async () => {
      const { use: plugin, options } = await use();
      await run(plugin.options, options as object);
    });
  return [
    check('described', 'every option says what it is for', (schema) => {
      const bare = optionsIn(schema).filter(({ isDescribed }) => !isDescribed);
      assert.deepEqual(pathsOf(bare), [], 'options without .describe()');
    }),
    check('defaults', 'the options are valid, and so is every default', async (schema, given) => {
      assert.deepEqual(await issuesOf(schema, given), [], 'the options that the check was given are refused');
      const wrong = optionsIn(schema).filter((option) => 'wrongDefault' in option);
      assert.deepEqual(pathsOf(wrong), [], 'options whose default their own schema refuses');
    }),
    check('unknown', 'an option that does not exist is refused', async (schema, given) => {
      const issues = await issuesOf(schema, { ...given, [UNKNOWN]: 1 });
      if (schema)
        assert.ok(
          issues.some((issue) => issue.includes(UNKNOWN)),
          `"${UNKNOWN}" was not refused by name`,
        );
      assert.deepEqual(
        optionShape(schema)?.loose ?? [],
        [],
        'objects that take unknown keys; use z.strictObject()',
      );
    }),
    check('secrets', 'options that hold secrets are marked by secret()', (schema) => {
      const bare = optionsIn(schema).filter(
        ({ path, isText, isSecret }) => SECRET.test(path) && isText && !isSecret,
      );
      assert.deepEqual(
        pathsOf(bare).filter((path) => !notSecret.includes(path)),
        [],
        'options that are not marked',
      );
    }),
  ];
}

const optionsIn = (schema: unknown) => optionShape(schema)?.options ?? [];
const pathsOf = (options: readonly { path: string }[]) => options.map(({ path }) => path);

async function issuesOf(schema: unknown, options: unknown): Promise<string[]> {
  const result = await (schema as OptionsSchema | undefined)?.['~standard'].validate(options);
  return (result?.issues ?? []).map(({ message, path = [] }) => {
    const place = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
    return `${place}: ${message}`;
  });
}
