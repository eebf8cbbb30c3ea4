import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import type { ExportedSpan } from '../../core/index.ts';
import { toLine } from '../../plugins/json/index.ts';
import { buildPackage } from '../kit/built-package.ts';
import { createWorkplace, type Workplace } from './installed.ts';
import { FEEDBACK, fillStore, LOGS, METRICS, SCORES, SPANS, T0, traceIdOf } from './stored.ts';

type Json = Record<string, unknown>;
const plain = <V>(value: V): V => JSON.parse(JSON.stringify(value));
const linesOf = (text: string): Json[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('obs export', function () {
  this.timeout(60_000);
  let place: Workplace;
  let other: Workplace;

  before(async function () {
    this.timeout(120_000);
    await buildPackage();
    [place, other] = [await createWorkplace(), await createWorkplace()];
    await fillStore(place.dir);
  });
  after(() => {
    place?.remove();
    other?.remove();
  });

  const byId = (a: { traceId?: string; id: string }, b: typeof a) =>
    `${a.traceId} ${a.id}` < `${b.traceId} ${b.id}` ? -1 : 1;
  const storedSpans = async (at: Workplace) => {
    const { stdout } = await at.obs(['export', '--signals', 'tracing']);
    return linesOf(stdout).map(({ exportedSpan }) => exportedSpan as ExportedSpan);
  };

  it('writes every event in the form of the json plugin, and an import of that brings all of it back', async () => {
    const first = await place.obs(['export', '--out', 'all.jsonl']);
    expect(first.stderr).to.equal(
      '13 spans, 64 metrics, 5 logs, 3 scores, 2 feedback events written to all.jsonl\n',
    );
    const text = readFileSync(join(place.dir, 'all.jsonl'), 'utf8');
    const ofSpan = (span: ExportedSpan) =>
      toLine({ type: span.status === 'running' ? 'span.started' : 'span.ended', exportedSpan: span });
    const expected = [...SPANS.map(ofSpan), ...[...METRICS, ...LOGS, ...SCORES, ...FEEDBACK].map(toLine)];
    const sorted = (lines: Json[]) => lines.map((line) => JSON.stringify(line)).sort();
    expect(sorted(linesOf(text))).to.deep.equal(sorted(plain(expected)));
    expect(statSync(join(place.dir, 'all.jsonl')).mode & 0o777).to.equal(0o600);

    const imported = await other.obs(['import', '--from', 'jsonl', join(place.dir, 'all.jsonl')]);
    expect(imported.code, imported.stderr).to.equal(0);
    const second = await other.obs(['export']);
    expect(second.stdout).to.equal(text);
  });

  it('writes OTLP from which an import makes equal spans', async () => {
    const { stderr } = await place.obs(['export', '--format', 'otlp', '--out', 'all.otlp']);
    expect(stderr).to.equal(
      '13 spans, 64 metrics, 5 logs written to all.otlp\notlp has no form for scores and feedback\n',
    );
    const third = await createWorkplace();
    const imported = await third.json(['import', '--from', 'otlp', join(place.dir, 'all.otlp')]);
    expect(imported[0]).to.deep.include({ problems: 0 });
    const withoutSeq = ({ seq: _, ...span }: ExportedSpan) => plain(span);
    const back = await storedSpans(third);
    const metrics = await third.json(['metrics']);
    const logs = await third.json<{ record: Json }>(['logs', '--level', 'warn,']);
    third.remove();
    expect(back.sort(byId).map(withoutSeq)).to.deep.equal(
      [...SPANS].sort(byId).map((span) => withoutSeq(span)),
    );
    expect(metrics).to.deep.equal([
      { name: 'latency', metricType: 'histogram', count: 60, last: 60 },
      { name: 'queue', metricType: 'gauge', count: 1, last: -4 },
      { name: 'turns', metricType: 'counter', count: 3, last: 3 },
    ]);
    expect(logs[0]!.record).to.deep.include({ level: 'warn', message: 'warn said' });
    expect((logs[0]!.record['data'] as Json)['attributes']).to.deep.equal(
      plain(LOGS[2]!.record.data as Json),
    );
  });

  it('names what other tools know by the conventions for AI applications', async () => {
    const { stdout } = await place.obs([
      'export',
      '--format',
      'otlp',
      '--trace',
      traceIdOf(1),
      '--signals',
      'tracing',
    ]);
    const [{ resource, scopeSpans }] = linesOf(stdout)[0]!['resourceSpans'] as [Json];
    const spans = (linesOf(stdout)[0]!['resourceSpans'] as { scopeSpans: { spans: Json[] }[] }[]).flatMap(
      (one) => one.scopeSpans.flatMap((scope) => scope.spans),
    );
    const attributes = new Map(
      (spans.find(({ name }) => name === 'generate')!['attributes'] as { key: string; value: Json }[]).map(
        ({ key, value }) => [key, value],
      ),
    );
    expect(resource).to.deep.include({
      attributes: [
        { key: 'service.name', value: { stringValue: 'bot' } },
        { key: 'deployment.environment.name', value: { stringValue: 'test' } },
      ],
    });
    expect(scopeSpans).to.have.length(1);
    expect(attributes.get('gen_ai.operation.name')).to.deep.equal({ stringValue: 'chat' });
    expect(attributes.get('gen_ai.request.model')).to.deep.equal({ stringValue: 'm-1' });
    expect(attributes.get('gen_ai.usage.input_tokens')).to.deep.equal({ intValue: '1000' });
    expect(attributes.get('gen_ai.input.messages')).to.deep.equal({
      stringValue: '[{"role":"user","content":"unicorn {\\"a\\":1}"}]',
    });
  });

  it('writes a parquet file for each signal, private, and no others', async () => {
    const { code, stderr } = await place.obs(['export', '--format', 'parquet', '--out', 'pq']);
    expect(code, stderr).to.equal(0);
    const dir = join(place.dir, 'pq');
    expect(readdirSync(dir).sort()).to.deep.equal(
      ['feedback', 'logs', 'metrics', 'scores', 'spans'].map((name) => `${name}.parquet`),
    );
    expect(statSync(join(dir, 'spans.parquet')).mode & 0o777).to.equal(0o600);
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const ask = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson();
    const at = (name: string) => `'${join(dir, `${name}.parquet`)}'`;
    expect(
      await ask(`SELECT span_id, input, epoch_us(started_at)::VARCHAR AS at FROM ${at('spans')} LIMIT 1`),
    ).to.deep.equal([{ span_id: '1'.repeat(16), input: '"question 0"', at: `${T0}000` }]);
    expect(
      await ask(
        `SELECT name, count(*)::INT AS n, max(value) AS most FROM ${at('metrics')} GROUP BY 1 ORDER BY 1`,
      ),
    ).to.deep.equal([
      { name: 'latency', n: 60, most: 60 },
      { name: 'queue', n: 1, most: -4 },
      { name: 'turns', n: 3, most: 3 },
    ]);
    connection.closeSync();
    instance.closeSync();
  });

  it('takes whole traces by who they belong to and when they started', async () => {
    const until = new Date(T0 + 3_600_000).toISOString();
    const { stdout, stderr } = await place.obs(['export', '--user', 'ada', '--until', until]);
    const spans = linesOf(stdout).filter(({ signal }) => signal === 'tracing');
    expect(spans.map(({ exportedSpan }) => (exportedSpan as ExportedSpan).traceId)).to.deep.equal([
      traceIdOf(0),
      traceIdOf(0),
    ]);
    expect(stderr).to.equal('2 spans, 64 metrics, 5 logs, 1 score, 2 feedback events written\n');
    const none = await place.obs(['export', '--user', 'nobody']);
    expect(none).to.deep.equal({ code: 0, stdout: '', stderr: 'nothing stored matches the filters\n' });
  });

  it('refuses what a format cannot hold, and leaves no half of a file behind', async () => {
    const before = readdirSync(place.dir).sort();
    mkdirSync(join(place.dir, 'taken'), { recursive: true });
    const results = [
      await place.obs(['export', '--format', 'parquet']),
      await place.obs(['export', '--format', 'otlp', '--signals', 'scores', '--out', 'x.otlp']),
      await place.obs(['export', '--out', 'taken']),
      await place.obs(['export', '--out', 'no/such/place.jsonl']),
    ];
    expect(results.map(({ code }) => code)).to.deep.equal([2, 2, 1, 1]);
    expect(results[3]!.stderr).to.match(/^OBS_FILE_PATH: no\/such\/place\.jsonl cannot be written/);
    expect(readdirSync(place.dir).sort()).to.deep.equal([...before, 'taken'].sort());
  });
});
