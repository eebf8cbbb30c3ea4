import { type AnyExportedSpan, RecentMap } from '../../../core/index.ts';
import { attributeText } from './attribute-text.ts';
import { hintsOf } from './hints.ts';

/** What Langfuse wants to read on every span of a trace, since it does not look it up from the others. */
export interface TraceContext {
  name?: string;
  userId?: string;
  sessionId?: string;
  tags?: readonly string[];
  /** The metadata of the root span, values as text. Long ones stay on the root span alone. */
  metadata?: Readonly<Record<string, string>>;
  environment?: string;
  release?: string;
  isPublic?: boolean;
}

/** Traces that are remembered for certain; those not seen for longest are forgotten. */
const TRACES = 10_000;
/** Characters of a value of metadata that is repeated on every span, and how many of them. */
const MAX_METADATA_LENGTH = 200;
const MAX_METADATA = 32;

const NOTHING: TraceContext = {};

/** Remembers what the root span of a trace says about the whole of it. */
export class TraceContexts {
  readonly #traces: RecentMap<string, TraceContext>;

  constructor(traces = TRACES) {
    this.#traces = new RecentMap(traces);
  }

  /** Takes note of a root span. A span that continues a trace from elsewhere does not speak for a known one. */
  learn(span: AnyExportedSpan): void {
    if (!span.isRootSpan) return;
    const { traceId, parentSpanId } = span;
    if (parentSpanId !== undefined && this.#traces.has(traceId)) return;
    this.#traces.set(traceId, contextOf(span));
  }

  /** What is known of the trace of a span. */
  of({ traceId }: AnyExportedSpan): TraceContext {
    return this.#traces.get(traceId) ?? NOTHING;
  }
}

function contextOf(root: AnyExportedSpan): TraceContext {
  const { release, traceName, isPublic } = hintsOf(root);
  // What continues a trace from elsewhere does not name it.
  const name = traceName ?? (root.parentSpanId === undefined ? root.name : undefined);
  const { userId, sessionId, threadId, tags, environment } = root;
  const session = sessionId ?? threadId;
  return {
    ...(name && { name }),
    ...(userId && { userId }),
    ...(session && { sessionId: session }),
    ...(tags?.length && { tags }),
    ...(environment && { environment }),
    ...(release && { release }),
    ...(isPublic !== undefined && { isPublic }),
    metadata: shortMetadata(root),
  };
}

function shortMetadata({ metadata }: AnyExportedSpan): Record<string, string> {
  const short: [string, string][] = [];
  for (const key in metadata) {
    if (key === 'langfuse' || short.length >= MAX_METADATA) continue;
    const text = attributeText(metadata[key]);
    if (text !== undefined && text.length <= MAX_METADATA_LENGTH) short.push([key, text]);
  }
  return Object.fromEntries(short);
}
