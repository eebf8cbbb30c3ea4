import { ProtobufSizeEstimator } from '@opentelemetry/otlp-transformer/build/src/common/protobuf/protobuf-size-estimator.js';
import { ProtobufWriter } from '@opentelemetry/otlp-transformer/build/src/common/protobuf/protobuf-writer.js';

/** The parts of the serializers' writer that text is written with. */
interface Writer {
  pos: number;
  _buffer: Uint8Array;
  _ensureCapacity(bytes: number): void;
  writeVarint(value: number): void;
}

/** Shorter texts are written faster character by character than by a call out of JavaScript. */
const SHORT = 32;
const encoder = new TextEncoder();

/**
 * Lets the serializers write long texts by the platform's own encoder. They go through each three times, character by
 * character, which for prompts is most of the time of a request. The bytes are the same; a test compares them.
 */
export function writeLongTextsNatively(): void {
  const writer = ProtobufWriter.prototype as unknown as Record<string, unknown>;
  const estimator = ProtobufSizeEstimator.prototype as unknown as Record<string, unknown>;
  replace(writer, ['_ensureCapacity', 'writeVarint'], function write(this: Writer, text) {
    const bytes = Buffer.byteLength(text);
    this.writeVarint(bytes);
    this._ensureCapacity(bytes);
    encoder.encodeInto(text, this._buffer.subarray(this.pos, this.pos + bytes));
    this.pos += bytes;
  });
  replace(estimator, ['writeVarint'], function measure(this: Writer, text) {
    const bytes = Buffer.byteLength(text);
    this.writeVarint(bytes);
    this.pos += bytes;
  });
}

/** Where a version has other parts than this one, it keeps its own way. */
function replace(
  prototype: Record<string, unknown>,
  needed: readonly string[],
  long: (this: Writer, text: string) => void,
): void {
  const short = prototype['writeString'];
  if (typeof short !== 'function' || needed.some((name) => typeof prototype[name] !== 'function')) return;
  prototype['writeString'] = function writeString(this: Writer, text: string) {
    if (text.length < SHORT) short.call(this, text);
    else long.call(this, text);
  };
}
