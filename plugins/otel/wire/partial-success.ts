/** The part of an official serializer that is used. */
export interface Serializer {
  serializeRequest(records: unknown): Uint8Array | undefined;
  deserializeResponse(bytes: Uint8Array): unknown;
}

/** An answer of a server, as far as it is read. */
export interface Response {
  /** The `content-type` header; absent: the encoding of the request. */
  contentType?: string | undefined;
  body: Uint8Array;
}

/** Records that a server refused while it accepted the others. It does not say which. */
export interface PartialSuccess {
  /** 0 where the message is only a warning. */
  rejected: number;
  message: string;
}

/** What the answer says about refused records; undefined when it says nothing, or nothing that can be read. */
export function partialSuccessOf(protobuf: Serializer, response: Response): PartialSuccess | undefined {
  if (response.body.length === 0) return undefined;
  try {
    const { partialSuccess } = decode(protobuf, response) as { partialSuccess?: Record<string, unknown> };
    if (!partialSuccess) return undefined;
    const { errorMessage, ...counts } = partialSuccess;
    const [count] = Object.entries(counts)
      .find(([key]) => key.startsWith('rejected'))
      ?.slice(1) ?? [0];
    const rejected = Math.max(0, Number(count) || 0);
    const message = typeof errorMessage === 'string' ? errorMessage : '';
    return rejected > 0 || message !== '' ? { rejected, message } : undefined;
  } catch {
    return undefined;
  }
}

function decode(protobuf: Serializer, { contentType, body }: Response): unknown {
  const isJson = contentType ? contentType.includes('json') : body[0] === 0x7b;
  return isJson ? JSON.parse(Buffer.from(body).toString()) : protobuf.deserializeResponse(body);
}
