import { once } from '../once.ts';

const zlib = once(() => process.getBuiltinModule('node:zlib'));

/** The checksum of bytes, or of a text in UTF-8. The first one loads zlib: few of those who load obs-kit have a spool. */
export function crc32(data: Uint8Array | string): number {
  return zlib().crc32(data);
}
