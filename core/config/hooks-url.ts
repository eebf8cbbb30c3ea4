import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where module hooks of this package lie: beside this file, compiled or not. */
export function hooksUrl(name: 'typescript-hooks' | 'fresh-hooks'): string {
  return new URL(`./${name}${extname(fileURLToPath(import.meta.url))}`, import.meta.url).href;
}
