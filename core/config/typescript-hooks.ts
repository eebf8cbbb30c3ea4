/** Module hooks that translate TypeScript where Node does not; they run in Node's loader thread. */
import { readFile } from 'node:fs/promises';
import type { LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import type TypeScript from 'typescript';

let typescript: typeof TypeScript;

/** Loads the compiler. @throws when it is a version without a JavaScript interface. */
export async function initialize({ compiler }: { compiler: string }): Promise<void> {
  typescript = (await import(compiler)).default;
  if (typeof typescript?.transpileModule !== 'function')
    throw new TypeError(`typescript ${typescript?.version ?? ''} cannot be called from JavaScript`);
}

/** Marks TypeScript modules, so that they are not confused with those whose load has failed before. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  const resolved = await next(specifier, context);
  const { url } = resolved;
  if (!isTypeScript(url)) return resolved;
  return {
    ...resolved,
    url: isMarked(url) ? url : `${url}${url.includes('?') ? '&' : '?'}ts`,
    format: 'module',
  };
};

function isTypeScript(url: string): boolean {
  return url.startsWith('file:') && /\.m?ts(\?|$)/.test(url) && !url.includes('/node_modules/');
}

function isMarked(url: string): boolean {
  return /[?&]ts(&|$)/.test(url);
}

/** Drops the types and keeps the rest, with the positions of the source. */
export const load: LoadHook = async (url, context, next) => {
  if (!isTypeScript(url) || !isMarked(url)) return next(url, context);
  const fileName = fileURLToPath(url);
  const { outputText, diagnostics = [] } = typescript.transpileModule(await readFile(fileName, 'utf8'), {
    fileName,
    reportDiagnostics: true,
    compilerOptions: {
      module: typescript.ModuleKind.ESNext,
      target: typescript.ScriptTarget.ES2022,
      inlineSourceMap: true,
    },
  });
  if (diagnostics[0]) throw syntaxError(diagnostics[0], fileName);
  return { format: 'module', source: outputText, shortCircuit: true };
};

function syntaxError({ file, start = 0, messageText }: TypeScript.Diagnostic, fileName: string): SyntaxError {
  const { line, character } = file?.getLineAndCharacterOfPosition(start) ?? { line: 0, character: 0 };
  const text = typescript.flattenDiagnosticMessageText(messageText, ' ');
  return new SyntaxError(`${fileName}:${line + 1}:${character + 1}: ${text}`);
}
