import { readdirSync, readlinkSync } from 'node:fs';

/** Whether any thread of this process has a file open; Linux only, false elsewhere. */
export function hasOpenFile(path: string): boolean {
  const descriptors = '/proc/self/fd';
  return namesIn(descriptors).some((name) => {
    try {
      return readlinkSync(`${descriptors}/${name}`) === path;
    } catch {
      return false; // closed meanwhile
    }
  });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
