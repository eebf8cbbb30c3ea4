/** Bytes of an answer that are kept; what a destination sends beyond them is not even received. */
export const MAX_ANSWER_BYTES = 64 * 1024;

/** What a destination answered. */
export interface HttpAnswer {
  status: number;
  headers: Headers;
  /** The first {@link MAX_ANSWER_BYTES} at most, whatever length was announced. */
  body: Uint8Array;
  /** The body as UTF-8. It is the destination's word: keep it out of logs, where it may repeat what it was sent. */
  text: string;
}

/** Reads an answer up to its limit and hangs up on the rest. @throws what the connection failed with. */
export async function readAnswer(response: Response): Promise<HttpAnswer> {
  const { status, headers } = response;
  const body = await readStart(response.body);
  return { status, headers, body, text: new TextDecoder().decode(body) };
}

async function readStart(stream: Response['body']): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const reader = stream?.getReader();
  for (let room = MAX_ANSWER_BYTES; reader && room > 0; ) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    chunks.push(value.subarray(0, room));
    room -= value.length;
  }
  await reader?.cancel().catch(() => undefined);
  return Buffer.concat(chunks);
}

/** True for a web page: a login form, or the site that stands where the wrong address leads. */
export function isHtml({ headers, text }: HttpAnswer): boolean {
  return /\bx?html\b/i.test(headers.get('content-type') ?? '') || /^\s*<(!doctype html|html)\b/i.test(text);
}
