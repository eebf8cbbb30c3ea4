/** A key as a name of a file or directory: keys may hold any character, such names may not. */
export function fileNameOf(key: string): string {
  const code = (unit: string) => `%${unit.charCodeAt(0).toString(16).padStart(2, '0')}`;
  return key.replace(/^\.+$|[^\w.-]/g, code).slice(0, 200);
}
