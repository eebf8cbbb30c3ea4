import { builtInPlugins, configJsonSchema, pluginByName, pluginJsonSchema } from '../core/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { createTerminal } from './terminal.ts';

/** Prints the JSON Schema of the whole config with all built-in plugins, or of the options of one plugin. */
export async function schema(_options: object, name?: string): Promise<ExitCode> {
  const terminal = createTerminal(false);
  const made =
    name === undefined
      ? configJsonSchema(await builtInPlugins())
      : pluginJsonSchema(await pluginByName(name, process.cwd()));
  terminal.print(JSON.stringify(made, null, 2));
  return EXIT.ok;
}
