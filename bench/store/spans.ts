import type { ExportedSpan } from 'obs-kit';

/** `llm`: 3.4 kB of text in each, as a model call has. `small`: the usual ids, times and a few attributes. */
export type Profile = 'llm' | 'small';

const SPANS_PER_TRACE = 8;
/** Texts that resemble language: some words are frequent, most are rare. */
const WORDS = Array.from({ length: 4_000 }, (_, index) => word(index));

/** Ended spans in traces of eight, with time-ordered ids; always the same ones for the same time. */
export function makeSpans(count: number, profile: Profile, fromMs = Date.now()): ExportedSpan[] {
  const random = randomSource(count);
  let traceId = '';
  let rootId = '';
  return Array.from({ length: count }, (_, index) => {
    const isRoot = index % SPANS_PER_TRACE === 0;
    const startUnixMicro = fromMs * 1_000 + index;
    const id = hex(random, 16);
    if (isRoot) {
      traceId =
        Math.floor(startUnixMicro / 1_000)
          .toString(16)
          .padStart(12, '0') + hex(random, 20);
      rootId = id;
    }
    return {
      ...frame(id, traceId, index, startUnixMicro),
      ...(!isRoot && { parentSpanId: rootId }),
      ...(profile === 'llm' && payload(random, index)),
    } as ExportedSpan;
  });
}

function frame(id: string, traceId: string, index: number, startUnixMicro: number): object {
  const isRoot = index % SPANS_PER_TRACE === 0;
  return {
    id,
    traceId,
    name: isRoot ? 'answer' : 'chat model',
    type: isRoot ? 'agent_run' : 'model_generation',
    isRootSpan: isRoot,
    isEvent: false,
    seq: 2,
    status: index % 97 === 0 ? 'error' : 'ok',
    startTime: new Date(startUnixMicro / 1_000),
    endTime: new Date(startUnixMicro / 1_000 + 5),
    startUnixMicro,
    endUnixMicro: startUnixMicro + 5_000,
    entityType: 'agent',
    entityId: 'support',
    entityName: 'support',
    userId: `user-${index % 100}`,
    threadId: `thread-${index >> 6}`,
    runId: traceId,
    environment: 'production',
    serviceName: 'support-bot',
    attributes: {
      model: 'claude-sonnet-4-5',
      provider: 'anthropic',
      usage: { inputTokens: 600 + (index % 50), outputTokens: 200 },
    },
  };
}

function payload(random: () => number, index: number): object {
  return {
    input: { messages: [{ role: 'user', content: text(random, 2_300) }] },
    output: { text: text(random, 900) },
    metadata: { tier: 'gold', group: index % 7 },
    tags: ['chat', 'beta'],
  };
}

/** A whole string, not one that is put together when it is first read. */
function text(random: () => number, length: number): string {
  const words: string[] = [];
  for (let bytes = 0; bytes < length; ) {
    const next = WORDS[Math.floor(random() ** 3 * WORDS.length)]!;
    words.push(next);
    bytes += next.length + 1;
  }
  return words.join(' ');
}

function word(index: number): string {
  const number = Math.floor(Math.abs(Math.sin(index * 7.77)) * 1e9);
  return number.toString(36).slice(0, 3 + (index % 7));
}

function hex(random: () => number, digits: number): string {
  let found = '';
  while (found.length < digits)
    found += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return found.slice(0, digits);
}

/** Numbers from 0 to 1, the same in every run (Lehmer's generator). */
function randomSource(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
