import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { createWorkplace, type Workplace } from '../installed.ts';
import { dumpDatabase, type Row } from './database.ts';

const DATA = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));
const TRACES = join(DATA, 'framework-traces');
const OTLP = join(DATA, 'otlp');

interface Source {
  trace: Row & { scores?: Row[]; tags?: string[] };
  observations: (Row & { usageDetails?: Record<string, number>; costDetails?: Record<string, number> })[];
}

/** The words of the source for types, and ours. */
const TYPES: Record<string, string> = {
  SPAN: 'generic',
  GENERATION: 'model_generation',
  AGENT: 'agent_run',
  TOOL: 'tool_call',
  CHAIN: 'workflow_run',
};

// biome-ignore lint/suspicious/noExplicitAny: JSON of a file, taken apart by hand
type Json = any;

const micro = (iso: unknown) => (iso == null ? null : Date.parse(iso as string) * 1000);

/** The source packs objects and lists as JSON text, once or twice; texts that are none stay texts. */
function unpacked(value: unknown): unknown {
  let inner = value;
  while (typeof inner === 'string') {
    try {
      inner = JSON.parse(inner);
    } catch {
      return value;
    }
  }
  return typeof inner === 'object' && inner !== null ? inner : (value ?? null);
}

/** Said in the title, since a skipped test says nothing else. */
const absence = (dir: string) =>
  existsSync(dir) ? '' : `: SKIPPED, ${relative(process.cwd(), dir)} is absent`;

/** Everything of an object that is also in another. */
const only = (all: Row, of: Row) => Object.fromEntries(Object.keys(of).map((key) => [key, all?.[key]]));

describe(`a round trip of real traces through import and DuckDB${absence(TRACES)}`, function () {
  this.timeout(120_000);
  let place: Workplace;
  let first: Record<string, Row[]>;
  let second: Record<string, Row[]>;
  let sources: Source[];
  let finished: { code: number | null; stdout: string; stderr: string };

  before(async function () {
    if (!existsSync(TRACES)) this.skip();
    const files = readdirSync(TRACES).map((file) => join(TRACES, file));
    sources = files.map((file) => JSON.parse(readFileSync(file, 'utf8')));
    place = await createWorkplace();
    finished = await place.obs(['import', '--from', 'langfuse', ...files]);
    first = await dumpDatabase(join(place.dir, 'obs.duckdb'));
    await place.obs(['import', '--from', 'langfuse', ...files]);
    second = await dumpDatabase(join(place.dir, 'obs.duckdb'));
  });
  after(() => place?.remove());

  const spanOf = (id: unknown, traceId: unknown): Row => {
    const found = first['mastra_ai_spans']!.filter((row) => row['id'] === id && row['trace_id'] === traceId);
    expect(found, `span ${id}`).to.have.length(1);
    return found[0]!;
  };
  const each = (check: (stored: Row, given: Source['observations'][number], source: Source) => void) => {
    let checked = 0;
    for (const source of sources) {
      for (const given of source.observations) {
        check(spanOf(given['id'], source.trace['id']), given, source);
        checked++;
      }
    }
    expect(checked).to.be.above(60);
  };

  it('succeeds without a word on stderr, and says what it read and delivered', () => {
    expect(finished.stderr).to.equal('');
    expect(finished.code).to.equal(0);
    const lines = finished.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const spans = lines.filter(({ kind }) => kind === 'file').map(({ read }) => read.tracing);
    expect(spans).to.deep.equal(sources.map(({ observations }) => observations.length));
    const { signals } = lines.find(({ kind }) => kind === 'plugin');
    expect(signals.tracing.delivered).to.equal(signals.tracing.accepted);
    expect(signals.scores.delivered).to.equal(sources.flatMap(({ trace }) => trace.scores ?? []).length);
  });

  it('stores exactly the spans of the sources', () => {
    const ids = sources.flatMap(({ observations, trace }) =>
      observations.map(({ id }) => `${trace['id']} ${id}`),
    );
    const stored = first['mastra_ai_spans']!.map((row) => `${row['trace_id']} ${row['id']}`);
    expect(stored.sort()).to.deep.equal(ids.sort());
  });

  it('keeps parents, names, types, times, status and environment', () => {
    each((stored, given) => {
      expect(stored).to.include({
        parent_span_id: given['parentObservationId'],
        name: given['name'],
        type: TYPES[given['type'] as string],
        started_at: micro(given['startTime']),
        ended_at: micro(given['endTime']),
        status: 'ok',
        environment: given['environment'],
      });
    });
  });

  it('keeps input, output and metadata', () => {
    each((stored, given, { trace }) => {
      const trees = { input: unpacked(given['input']), output: unpacked(given['output']) };
      expect({ input: stored['input'], output: stored['output'] }).to.deep.equal(trees);
      const metadata = unpacked(given['metadata']) as Row;
      if (given['parentObservationId']) expect(stored['metadata']).to.deep.equal(metadata);
      else {
        // The root also carries what only the trace says; its own entries win.
        expect(only(stored['metadata'] as Row, metadata)).to.deep.equal(metadata);
        expect(stored['metadata']).to.deep.equal({ ...(unpacked(trace['metadata']) as Row), ...metadata });
      }
    });
  });

  it('keeps model, usage and cost', () => {
    let calls = 0;
    each((stored, given) => {
      const attributes = stored['attributes'] as Row & { usage?: Row; cost?: Row };
      expect(attributes['model'] ?? null).to.equal(given['model']);
      const hasUsage = Object.keys(given.usageDetails ?? {}).length > 0;
      expect(attributes.usage !== undefined).to.equal(hasUsage);
      if (hasUsage) {
        calls++;
        const { inputTokens, outputTokens } = attributes.usage!;
        expect(inputTokens).to.equal(given.usageDetails!['input']);
        expect((inputTokens as number) + (outputTokens as number)).to.equal(given.usageDetails!['total']);
        for (const [total, details] of [
          ['inputTokens', 'inputDetails'],
          ['outputTokens', 'outputDetails'],
        ] as const) {
          const parts = Object.values((attributes.usage![details] ?? {}) as Record<string, number>);
          if (parts.length > 0) expect(parts.reduce((a, b) => a + b)).to.equal(attributes.usage![total]);
        }
      }
      const { total } = given.costDetails ?? {};
      expect(attributes.cost?.['total']).to.equal(total);
      for (const side of ['input', 'output'] as const) {
        const cost = given[`${side}Cost`];
        // The source leaves the cost of a side null where it knows the total only.
        if (total === undefined || cost === null) expect(attributes.cost?.[side]).to.equal(undefined);
        else expect(attributes.cost?.[side]).to.be.closeTo(cost as number, 1e-12);
      }
    });
    expect(calls).to.be.above(15);
  });

  it('keeps user, session and tags, and what the trace says as a whole', () => {
    each((stored, given, { trace }) => {
      expect(stored).to.include({ user_id: trace['userId'], session_id: trace['sessionId'] });
      if (given['parentObservationId']) return;
      expect(stored['tags'] ?? []).to.deep.equal(trace.tags);
      const kept = ((stored['attributes'] as Row)['langfuse'] as Row)['trace'] as Row;
      expect(kept['name'] ?? stored['name']).to.equal(trace['name']);
      expect(kept['input'] ?? stored['input']).to.deep.equal(unpacked(trace['input']));
      expect(kept['output'] ?? stored['output']).to.deep.equal(unpacked(trace['output']));
      const metadata = unpacked(trace['metadata']) as Row;
      const known = { ...(stored['metadata'] as Row), ...(kept['metadata'] as Row) };
      expect(only(known, metadata)).to.deep.equal(metadata);
    });
  });

  it('keeps the scores with their ids', () => {
    const given = sources.flatMap(({ trace }) => trace.scores ?? []);
    expect(given.length).to.be.above(10);
    expect(first['obs_scores']).to.have.length(given.length);
    for (const score of given) {
      const stored = first['obs_scores']!.find(({ id }) => id === score['id'])!;
      expect(stored).to.include({
        trace_id: score['traceId'],
        span_id: score['observationId'],
        scorer_id: score['name'],
        score: score['value'],
        reason: score['comment'],
        source: score['source'],
        timestamp: micro(score['timestamp']),
      });
    }
  });

  it('hides no value of these traces, since none is a secret', () => {
    expect(JSON.stringify(first)).to.not.contain('[REDACTED]');
  });

  it('changes nothing when the same files come again', () => {
    expect(second).to.deep.equal(first);
  });
});

describe(`a round trip of OTLP examples through import and DuckDB${absence(OTLP)}`, function () {
  this.timeout(120_000);
  let place: Workplace;
  let first: Record<string, Row[]>;
  let second: Record<string, Row[]>;
  const given: Record<string, unknown> = {};

  before(async function () {
    if (!existsSync(OTLP)) this.skip();
    const files = readdirSync(OTLP).map((file) => join(OTLP, file));
    for (const file of readdirSync(OTLP)) given[file] = JSON.parse(readFileSync(join(OTLP, file), 'utf8'));
    place = await createWorkplace();
    expect((await place.obs(['import', '--from', 'otlp', ...files])).code).to.equal(0);
    first = await dumpDatabase(join(place.dir, 'obs.duckdb'));
    await place.obs(['import', '--from', 'otlp', ...files]);
    second = await dumpDatabase(join(place.dir, 'obs.duckdb'));
  });
  after(() => place?.remove());

  const at = (root: unknown, ...path: (string | number)[]) =>
    path.reduce((value, key) => (value as Row)[key], root);
  const plain = (list: Json): Row =>
    Object.fromEntries(list.map(({ key, value }: Json) => [key, scalar(value)]));
  const scalar = (value: Json): unknown => {
    if (value.arrayValue) return value.arrayValue.values.map(scalar);
    if (value.kvlistValue) return plain(value.kvlistValue.values);
    return value.intValue === undefined ? Object.values(value)[0] : Number(value.intValue);
  };
  const scope = {
    name: 'my.library',
    version: '1.0.0',
    attributes: { 'my.scope.attribute': 'some scope attribute' },
  };
  const microOf = (nanos: unknown) => Number(nanos) / 1000;

  it('keeps the span', () => {
    const span = at(given['trace.json'], 'resourceSpans', 0, 'scopeSpans', 0, 'spans', 0) as Row;
    expect(first['mastra_ai_spans']).to.have.length(1);
    expect(first['mastra_ai_spans']![0]).to.deep.include({
      id: (span['spanId'] as string).toLowerCase(),
      trace_id: (span['traceId'] as string).toLowerCase(),
      parent_span_id: (span['parentSpanId'] as string).toLowerCase(),
      name: span['name'],
      started_at: microOf(span['startTimeUnixNano']),
      ended_at: microOf(span['endTimeUnixNano']),
      attributes: plain(span['attributes']),
      service_name: 'my.service',
      scope,
    });
  });

  it('keeps the log lines with their bodies, attributes, severities and trace ids', () => {
    const [text, event] = ['logs.json', 'events.json'].map(
      (file) => at(given[file], 'resourceLogs', 0, 'scopeLogs', 0, 'logRecords', 0) as Row,
    );
    const stored = (line: Row) =>
      first['obs_logs']!.find(
        ({ message }) => message === line['eventName'] || message === at(line, 'body', 'stringValue'),
      )!;
    expect(first['obs_logs']).to.have.length(2);
    expect(stored(text!)).to.deep.include({
      level: 'info',
      trace_id: (text!['traceId'] as string).toLowerCase(),
      span_id: (text!['spanId'] as string).toLowerCase(),
      timestamp: microOf(text!['timeUnixNano']),
      scope,
    });
    expect(at(stored(text!), 'data', 'attributes')).to.deep.equal(plain(text!['attributes']));
    expect(at(stored(event!), 'data', 'body')).to.deep.equal(scalar(event!['body']));
    for (const line of [text!, event!]) {
      expect(at(stored(line), 'data', 'otel', 'severityNumber')).to.equal(line['severityNumber']);
      expect(at(stored(line), 'data', 'otel', 'severityText')).to.equal(line['severityText']);
    }
  });

  it('keeps the metrics, and of distributions every number', () => {
    const metrics = at(given['metrics.json'], 'resourceMetrics', 0, 'scopeMetrics', 0, 'metrics') as Row[];
    expect(first['obs_metrics']).to.have.length(metrics.length);
    for (const metric of metrics) {
      const kind = ['sum', 'gauge', 'histogram', 'exponentialHistogram'].find((name) => name in metric)!;
      const { attributes, timeUnixNano, ...point } = at(metric, kind, 'dataPoints', 0) as Row;
      const stored = first['obs_metrics']!.find(({ name }) => name === metric['name'])!;
      expect(stored).to.deep.include({
        metric_type: kind === 'sum' ? 'counter' : kind === 'gauge' ? 'gauge' : 'histogram',
        value: point['asDouble'] ?? point['sum'],
        labels: plain(attributes),
        unit: metric['unit'],
        description: metric['description'],
        timestamp: microOf(timeUnixNano),
      });
      expect(only(at(stored, 'metadata', 'otel') as Row, point)).to.deep.equal(point);
    }
  });

  it('changes nothing when the same files come again', () => {
    expect(second).to.deep.equal(first);
  });
});
