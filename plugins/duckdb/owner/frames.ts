import type { Socket } from 'node:net';
import { PermanentError } from '../../../core/index.ts';

/** Bytes of one frame once both sides know each other. */
export const MAX_FRAME_BYTES = 256 * 1024 * 1024;

const HEADER_BYTES = 4;

/** Whole messages on a socket: each is its length, four bytes, and then as many bytes. */
export class Frames {
  readonly #socket: Socket;
  readonly #onFrame: (frame: Buffer) => void;
  #maxBytes: number;
  #chunks: Buffer[] = [];
  #held = 0;
  /** Of the frame under way; undefined while its header has not come. */
  #length: number | undefined;

  /** A frame of more than `maxBytes` ends the connection. */
  constructor(socket: Socket, maxBytes: number, onFrame: (frame: Buffer) => void) {
    this.#socket = socket;
    this.#maxBytes = maxBytes;
    this.#onFrame = onFrame;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  /** From now on frames of any size in use may come. */
  trust(): void {
    this.#maxBytes = MAX_FRAME_BYTES;
  }

  /** @throws PermanentError for more than {@link MAX_FRAME_BYTES}. */
  send(frame: Buffer): void {
    if (frame.length > MAX_FRAME_BYTES)
      throw new PermanentError(`${frame.length} bytes at once, more than the bound of ${MAX_FRAME_BYTES}`);
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    const header = Buffer.allocUnsafe(HEADER_BYTES);
    header.writeUInt32BE(frame.length);
    this.#socket.cork();
    this.#socket.write(header);
    this.#socket.write(frame);
    this.#socket.uncork();
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    for (let frame = this.#next(); frame && !this.#socket.destroyed; frame = this.#next())
      this.#onFrame(frame);
  }

  #next(): Buffer | undefined {
    this.#length ??= this.#cut(HEADER_BYTES)?.readUInt32BE();
    if (this.#length === undefined) return undefined;
    if (this.#length > this.#maxBytes) {
      this.#socket.destroy();
      return undefined;
    }
    const frame = this.#cut(this.#length);
    if (frame) this.#length = undefined;
    return frame;
  }

  /** So many bytes from the front, once they have come. */
  #cut(bytes: number): Buffer | undefined {
    if (this.#held < bytes) return undefined;
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#chunks = [all.subarray(bytes)];
    this.#held -= bytes;
    return all.subarray(0, bytes);
  }
}
