import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type {
  ExportedFeedback,
  ExportedLog,
  ExportedMetric,
  ExportedScore,
} from '@mastra/core/observability';
import { expect } from 'chai';
import type { AnyExportedSpan, EventOf, Signal } from '../../core/index.ts';
import type { MastraSpan } from '../../plugins/mastra/index.ts';

/** What the application wrote down; dates are text. */
interface Seen {
  text: string;
  traceId: string;
  attempts: string[];
  theirs: {
    spans: MastraSpan[];
    logs: ExportedLog[];
    metrics: ExportedMetric[];
    scores: ExportedScore[];
    feedback: ExportedFeedback[];
  };
  ours: { [S in Signal]: EventOf[S][] };
}

/** Mastra asks for Node 22.13; an older one fetches it. */
const NODE_22 = 'node@22.23.3';

describe('an agent of @mastra/core that feeds this host', () => {
  let seen: Seen;

  before(async function () {
    this.timeout(120_000);
    seen = await runApplication();
  });

  it('answers, and reaches no other machine', () => {
    expect(seen).to.deep.include({ text: 'It is in Graz', attempts: [] });
  });

  it('gives the tree that Mastra sees, where each inference shows on its step', () => {
    const { spans } = seen.theirs;
    const stepOf = new Map(
      spans
        .filter(({ type }) => type === 'model_inference')
        .map(({ id, parentSpanId }) => [id, parentSpanId]),
    );
    const theirs = spans
      .filter(({ id }) => !stepOf.has(id))
      .map(({ id, traceId, name, type, parentSpanId: parent = '' }) => {
        return { id, traceId, name, type, parentSpanId: stepOf.get(parent) ?? parent };
      });
    const ours = endedSpans(seen).map(({ id, traceId, name, type, parentSpanId = '' }) => {
      return { id, traceId, name, type, parentSpanId };
    });
    expect(stepOf.size).to.equal(2);
    expect(ours).to.have.deep.members(theirs);
  });

  it('gives each span the same times, input and output', () => {
    const theirs = new Map(seen.theirs.spans.map((span) => [span.id, span]));
    for (const span of endedSpans(seen)) {
      const { startTime, endTime, isEvent, input, output } = theirs.get(span.id)!;
      const time = { startTime, endTime: isEvent ? startTime : endTime };
      expect({ startTime: span.startTime, endTime: span.endTime }).to.deep.equal(time);
      if (input !== undefined) expect(span.input).to.deep.equal(input);
      if (output !== undefined) expect(span.output).to.deep.equal(output);
    }
  });

  it('reports the usage of the two calls once, on the generation', () => {
    const counted = endedSpans(seen).filter(({ attributes }) => attributes?.['usage']);
    expect(counted.map(({ type }) => type)).to.deep.equal(['model_generation']);
    expect(counted[0]!.attributes).to.deep.include({
      model: 'scripted',
      responseModel: 'scripted-2026',
      usage: {
        inputTokens: 200,
        outputTokens: 40,
        inputDetails: { text: 120, cacheRead: 80 },
        outputDetails: { text: 30, reasoning: 10 },
      },
    });
    const steps = endedSpans(seen).filter(({ type }) => type === 'model_step');
    expect(steps.map(({ attributes }) => attributes?.['stepUsage']))
      .to.have.length(2)
      .and.not.include(undefined);
    expect(steps[0]!.attributes).to.deep.include({ model: 'scripted', toolChoice: 'auto' });
  });

  it('has user, session and what else is known in fields of their own', () => {
    for (const span of endedSpans(seen)) {
      expect(span).to.deep.include({ userId: 'u-1', sessionId: 's-1', serviceName: 'shop' });
      expect(span.metadata).to.include({ tier: 'gold' }).and.not.have.property('userId');
    }
    const root = endedSpans(seen).find(({ isRootSpan }) => isRootSpan)!;
    expect(root).to.deep.include({ type: 'agent_run', tags: ['beta'], entityName: 'Support' });
  });

  it('numbers the snapshots of each span and ends it once', () => {
    const types = new Map<string, string[]>();
    for (const { type, exportedSpan } of seen.ours.tracing) {
      const before = types.get(exportedSpan.id) ?? [];
      expect(exportedSpan.seq).to.equal(before.length + 1);
      types.set(exportedSpan.id, [...before, type]);
    }
    for (const list of types.values()) expect(list.filter((type) => type === 'span.ended')).to.have.length(1);
  });

  it('gives every log, metric, score and feedback with its id, trace and span', () => {
    const { theirs, ours } = seen;
    const logs = theirs.logs.map(({ logId, traceId, spanId, message }) => [logId, traceId, spanId, message]);
    expect(ours.logs.map((log) => [log.id, log.traceId, log.spanId, log.record.message])).to.deep.equal(logs);
    expect(logs.map(([, , , message]) => message)).to.include('the stock system is slow');

    const metrics = theirs.metrics.map(({ metricId, traceId, name, value }) => [
      metricId,
      traceId,
      name,
      value,
    ]);
    expect(ours.metrics.map(({ id, traceId, name, value }) => [id, traceId, name, value])).to.deep.equal(
      metrics,
    );
    expect(metrics.map(([, , name]) => name)).to.include.members([
      'stock_lookup_ms',
      'mastra_agent_duration_ms',
    ]);

    const [score] = theirs.scores;
    expect(ours.scores).to.have.length(1);
    expect(ours.scores[0]).to.deep.include({
      id: score!.scoreId,
      traceId: seen.traceId,
      spanId: score!.spanId,
      score: { scorerId: 'relevance', score: 0.75, reason: 'on topic' },
    });
    const [feedback] = theirs.feedback;
    expect(ours.feedback).to.have.length(1);
    expect(ours.feedback[0]).to.deep.include({
      id: feedback!.feedbackId,
      traceId: seen.traceId,
      feedback: { feedbackType: 'thumbs', value: 1, userId: 'u-2' },
    });
  });

  it('names spans that exist in what was said during the run', () => {
    const ids = new Set(endedSpans(seen).map(({ id }) => id));
    for (const { spanId } of [...seen.ours.logs, ...seen.ours.metrics])
      if (spanId !== undefined) expect(ids.has(spanId), spanId).to.equal(true);
  });
});

function endedSpans({ ours }: Seen): AnyExportedSpan[] {
  return ours.tracing.filter(({ type }) => type === 'span.ended').map(({ exportedSpan }) => exportedSpan);
}

async function runApplication(): Promise<Seen> {
  const dir = mkdtempSync(join(tmpdir(), 'obs-mastra-'));
  try {
    const file = join(dir, 'seen.json');
    const script = [join(import.meta.dirname, 'kit', 'mastra-agent.ts'), file];
    const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
    const isNew = major > 22 || (major === 22 && minor >= 18);
    const [command, args] = isNew ? [process.execPath, script] : ['npx', ['-y', NODE_22, ...script]];
    const { NODE_OPTIONS: _, ...env } = process.env;
    await promisify(execFile)(command, args, { cwd: import.meta.dirname, env, maxBuffer: 16_000_000 });
    return JSON.parse(readFileSync(file, 'utf8'));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
