import { crc32 } from './crc32.ts';

/** Events that are settled: `count` of them from `first` on. */
export interface Ack {
  first: number;
  count: number;
}

/** Bytes of one ack: 6 for the first sequence, 4 for the count, 2 unused, 4 for the CRC32 of these. */
export const ACK_BYTES = 16;

export function encodeAcks(acks: readonly Ack[]): Buffer {
  const bytes = Buffer.alloc(acks.length * ACK_BYTES);
  acks.forEach(({ first, count }, n) => {
    const at = n * ACK_BYTES;
    bytes.writeUIntLE(first, at, 6);
    bytes.writeUInt32LE(count, at + 6);
    bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 12)), at + 12);
  });
  return bytes;
}

/** The acks in some bytes. One that is damaged is left out: its events are sent again. */
export function decodeAcks(bytes: Buffer): Ack[] {
  const acks: Ack[] = [];
  for (let at = 0; at + ACK_BYTES <= bytes.length; at += ACK_BYTES) {
    if (bytes.readUInt32LE(at + 12) !== crc32(bytes.subarray(at, at + 12))) continue;
    acks.push({ first: bytes.readUIntLE(at, 6), count: bytes.readUInt32LE(at + 6) });
  }
  return acks;
}

/** The sequences, which are in order, as few acks. */
export function acksOf(sequences: readonly number[]): Ack[] {
  const acks: Ack[] = [];
  for (const sequence of sequences) {
    const last = acks.at(-1);
    if (last && last.first + last.count === sequence) last.count++;
    else acks.push({ first: sequence, count: 1 });
  }
  return acks;
}
