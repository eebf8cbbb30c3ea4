import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { importLangfuse } from '../../cli/import/langfuse.ts';
import type { ExportedSpan, ObservabilityEvent } from '../../core/index.ts';

const FOLDER = fileURLToPath(new URL('../../../shared/data/framework-traces/', import.meta.url));

/** For the title of a test that needs them: says that it is skipped where they are absent, else empty. */
export const realTracesAbsence = existsSync(FOLDER)
  ? ''
  : `: SKIPPED, ${relative(process.cwd(), FOLDER)} is absent`;

/** What the source says about one model call. */
export interface RealCall {
  spanId: string;
  model: string | null;
  /** All tokens, in and out. */
  tokens: number;
  inputTokens: number;
  /** In US dollars. */
  cost: number;
}

/** A trace of a real agent framework, and what its source says of it without this project's reading. */
export interface RealTrace {
  /** Such as `langgraph-js-2025-10-30`. */
  name: string;
  traceId: string;
  /** Events as the import makes them: a start and an end for each span, and the scores. */
  events: ObservabilityEvent[];
  /** The spans as they ended. */
  spans: ExportedSpan[];
  calls: RealCall[];
  tokens: number;
  cost: number;
}

/** All of them, imported; none where the folder is absent. */
export function realTraces(): RealTrace[] {
  if (!existsSync(FOLDER)) return [];
  return readdirSync(FOLDER)
    .sort()
    .map((file) => realTrace(file.replace('.trace.json', ''), readFileSync(join(FOLDER, file), 'utf8')));
}

function realTrace(name: string, text: string): RealTrace {
  const { events } = importLangfuse(text);
  const { trace, observations } = JSON.parse(text);
  const calls = (observations as Observation[]).filter(isCall).map(callOf);
  return {
    name,
    traceId: trace.id,
    events,
    spans: events.flatMap((event) => (event.type === 'span.ended' ? [event.exportedSpan] : [])),
    calls,
    tokens: calls.reduce((sum, { tokens }) => sum + tokens, 0),
    cost: calls.reduce((sum, { cost }) => sum + cost, 0),
  };
}

interface Observation {
  id: string;
  model: string | null;
  usageDetails: { input?: number; total?: number };
  costDetails: { total?: number };
}

function isCall({ usageDetails }: Observation): boolean {
  return (usageDetails.total ?? 0) > 0;
}

function callOf({ id, model, usageDetails, costDetails }: Observation): RealCall {
  return {
    spanId: id,
    model,
    tokens: usageDetails.total ?? 0,
    inputTokens: usageDetails.input ?? 0,
    cost: costDetails.total ?? 0,
  };
}
