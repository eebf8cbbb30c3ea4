const BYTES = 256 * 1024;
const NEWLINE = 0x0a;

/** What {@link LineBuffer.fill} puts in. */
export interface Portion {
  lines: readonly string[];
  /** The first of the lines. */
  start: number;
  /** Bytes that there is room for. */
  room: number;
  /** Take the first line also where there is no room for it. */
  force: boolean;
  /** Begin with a line end, behind what is left of a torn line. */
  isTorn: boolean;
}

/**
 * Lines as bytes, a portion at a time in the same memory: to put a whole batch together in memory of its own took
 * several times as long as to make its lines, all in one piece.
 */
export class LineBuffer {
  readonly #buffer = Buffer.allocUnsafeSlow(BYTES);

  /** As many lines as there is room for, until the next call; undefined when there is none for the first. */
  fill({ lines, start, room, force, isTorn }: Portion): Buffer | undefined {
    const buffer = this.#buffer;
    let end = 0;
    if (isTorn) buffer[end++] = NEWLINE;
    const limit = end + room;
    for (let index = start; index < lines.length; index++) {
      const line = lines[index]!;
      const isFirst = index === start;
      if (!this.#holds(line, end))
        return isFirst ? ofOne(line, room, force, isTorn) : buffer.subarray(0, end);
      const after = end + buffer.write(line, end) + 1;
      if (after > limit && !(isFirst && force)) return isFirst ? undefined : buffer.subarray(0, end);
      buffer[after - 1] = NEWLINE;
      end = after;
    }
    return buffer.subarray(0, end);
  }

  /** Whether a line and its end fit behind `end`; its exact length is only looked for where that is close. */
  #holds(line: string, end: number): boolean {
    const left = this.#buffer.length - end - 1;
    return line.length * 3 <= left || Buffer.byteLength(line) <= left;
  }
}

/** A line that is longer than the buffer. */
function ofOne(line: string, room: number, force: boolean, isTorn: boolean): Buffer | undefined {
  const bytes = Buffer.from(isTorn ? `\n${line}\n` : `${line}\n`);
  return force || bytes.length - Number(isTorn) <= room ? bytes : undefined;
}
