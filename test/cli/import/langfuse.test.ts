import { expect } from 'chai';
import { importLangfuse } from '../../../cli/import/langfuse.ts';
import type { ExportedSpan, ScoreEvent } from '../../../core/index.ts';
import { newestSpans } from './newest.ts';

const START = '2025-06-11T14:01:32.598Z';
const END = '2025-06-11T14:01:33.000250Z';

const observation = (fields: object = {}) => ({
  id: 'root',
  type: 'SPAN',
  name: 'run',
  startTime: START,
  endTime: END,
  ...fields,
});
const file = (observations: unknown[], trace: object = {}) => ({
  trace: { id: 't-1', name: 'chat', timestamp: START, ...trace },
  observations,
});

const importing = (content: unknown) =>
  importLangfuse(typeof content === 'string' ? content : JSON.stringify(content));
function spansOf(observations: unknown[], trace: object = {}): ExportedSpan[] {
  const { events, problems } = importing(file(observations, trace));
  expect(problems).to.deep.equal([]);
  return newestSpans(events);
}
const langfuseOf = (span: ExportedSpan | undefined) =>
  span?.attributes?.['langfuse'] as Record<string, unknown>;

describe('importing Langfuse observations', () => {
  it('keeps ids of any form, parents, names, and times to the microsecond', () => {
    const [root, child] = spansOf([
      observation(),
      observation({ id: 'b5-Ü', parentObservationId: 'root', endTime: null }),
    ]);
    expect(root).to.deep.include({
      id: 'root',
      traceId: 't-1',
      name: 'run',
      isRootSpan: true,
      status: 'ok',
      startUnixMicro: 1_749_650_492_598_000,
      endUnixMicro: 1_749_650_493_000_250,
      source: 'langfuse',
    });
    expect(child).to.deep.include({
      id: 'b5-Ü',
      parentSpanId: 'root',
      isRootSpan: false,
      status: 'running',
      seq: 1,
    });
  });

  it('maps every type, and keeps the word that was given', () => {
    const types = {
      GENERATION: 'model_generation',
      AGENT: 'agent_run',
      TOOL: 'tool_call',
      CHAIN: 'workflow_run',
      RETRIEVER: 'retrieval',
      EMBEDDING: 'embedding',
      EVALUATOR: 'scorer_run',
      GUARDRAIL: 'processor_run',
      SPAN: 'generic',
      EVENT: 'generic',
      NEWER: 'generic',
    };
    const children = Object.keys(types).map((type) =>
      observation({ id: type, type, parentObservationId: 'root' }),
    );
    const spans = spansOf([observation(), ...children]).slice(1);
    expect(Object.fromEntries(spans.map((span) => [langfuseOf(span)['type'], span.type]))).to.deep.equal(
      types,
    );
    const event = spans.find(({ id }) => id === 'EVENT');
    expect(event).to.include({ isEvent: true, endUnixMicro: event!.startUnixMicro });
  });

  it('takes model, parameters, exclusive usage, cost and time to first token', () => {
    const [span] = spansOf([
      observation({
        type: 'GENERATION',
        model: 'm-1',
        modelParameters: { temperature: 0.7, max_tokens: 5, stop: '["\\n"]', custom: null },
        usageDetails: { input: 179, output: 35, total: 278, input_cache_read: 0, output_reasoning: 64 },
        costDetails: { input: 0.5, output: 0.25, output_reasoning: 0.125, total: 0.875 },
        completionStartTime: '2025-06-11T14:01:32.648Z',
      }),
    ]);
    expect(span!.attributes).to.deep.include({
      model: 'm-1',
      parameters: { temperature: 0.7, maxOutputTokens: 5, stopSequences: ['\n'], custom: null },
      usage: {
        inputTokens: 179,
        inputDetails: { text: 179, cacheRead: 0 },
        outputTokens: 99,
        outputDetails: { text: 35, reasoning: 64 },
      },
      cost: { input: 0.5, output: 0.375, total: 0.875 },
      timeToFirstTokenMs: 50,
    });
  });

  it('sees by the total that input and output already include their details', () => {
    const usageDetails = { input: 100, 'prompt_details.cache_read': 30, output: 20, total: 120 };
    const [span] = spansOf([observation({ type: 'GENERATION', usageDetails })]);
    expect(span!.attributes!['usage']).to.deep.equal({
      inputTokens: 100,
      inputDetails: { text: 70, cacheRead: 30 },
      outputTokens: 20,
    });
  });

  it('keeps usage and cost as given where they have parts without a place', () => {
    const usageDetails = { input: 1, input_video: 2, total: 3 };
    const [span] = spansOf([
      observation({ type: 'GENERATION', usageDetails, costDetails: { web_search: 0.1 } }),
    ]);
    expect(langfuseOf(span)).to.deep.include({ usageDetails, costDetails: { web_search: 0.1 } });
    expect(span!.attributes!['cost']).to.deep.equal({ total: 0.1 });
  });

  it('decodes input, output and metadata that are JSON in strings, and leaves texts', () => {
    const [span] = spansOf([
      observation({
        input: '"{\\"q\\": 1}"',
        output: 'plain',
        metadata: '{"attributes":{"inner":"{\\"a\\":1}"}}',
      }),
    ]);
    expect(span).to.deep.include({
      input: { q: 1 },
      output: 'plain',
      metadata: { attributes: { inner: '{"a":1}' } },
    });
  });

  it('turns level ERROR into error info and keeps other levels', () => {
    const [failed, debug] = spansOf([
      observation({ level: 'ERROR', statusMessage: 'no answer' }),
      observation({ id: 'b', parentObservationId: 'root', level: 'DEBUG', statusMessage: 'fine' }),
    ]);
    expect(failed).to.deep.include({ status: 'error', errorInfo: { message: 'no answer' } });
    expect(langfuseOf(debug)).to.include({ level: 'DEBUG', statusMessage: 'fine' });
  });
});

describe('importing what a Langfuse trace says as a whole', () => {
  const trace = {
    userId: 'u-1',
    sessionId: 's-1',
    environment: 'staging',
    tags: ['a', 'b'],
    release: 'v1',
    input: 'question',
    output: 'answer',
    metadata: { topic: 'weather', shared: 'trace' },
  };

  it('gives it to the only root, which keeps what it says itself', () => {
    const [root, child] = spansOf(
      [
        observation({ input: 'own', metadata: { shared: 'own' } }),
        observation({ id: 'b', parentObservationId: 'root' }),
      ],
      trace,
    );
    expect(root).to.deep.include({
      name: 'run',
      userId: 'u-1',
      sessionId: 's-1',
      environment: 'staging',
      tags: ['a', 'b'],
      input: 'own',
      output: 'answer',
      metadata: { topic: 'weather', shared: 'own' },
    });
    expect(langfuseOf(root)['trace']).to.deep.equal({
      name: 'chat',
      input: 'question',
      metadata: { shared: 'trace' },
      release: 'v1',
    });
    expect(child).to.include({ userId: 'u-1', sessionId: 's-1' }).and.not.have.property('tags');
  });

  it('gives it to a span of its own when there are several roots, the same one each time', () => {
    const observations = [
      observation({ id: 'a', endTime: '2025-06-11T14:01:40Z' }),
      observation({ id: 'b', parentObservationId: 'a' }),
      observation({ id: 'c', startTime: '2025-06-11T14:01:30Z' }),
    ];
    const [root, ...rest] = spansOf(observations, trace);
    expect(root).to.deep.include({
      name: 'chat',
      isRootSpan: true,
      input: 'question',
      output: 'answer',
      tags: ['a', 'b'],
      startTime: new Date('2025-06-11T14:01:30Z'),
      endTime: new Date('2025-06-11T14:01:40Z'),
    });
    expect(root!.id).to.match(/^[0-9a-f]{16}$/);
    expect(langfuseOf(root)).to.deep.equal({ isTrace: true, trace: { release: 'v1' } });
    expect(rest.map(({ id, parentSpanId }) => [id, parentSpanId])).to.deep.equal([
      ['a', root!.id],
      ['b', 'a'],
      ['c', root!.id],
    ]);
    expect(spansOf(observations, trace)[0]!.id).to.equal(root!.id);
  });

  it('makes a span of a trace without observations', () => {
    const [only, ...none] = spansOf([], trace);
    expect(none).to.deep.equal([]);
    expect(only).to.deep.include({ name: 'chat', startTime: new Date(START), endTime: new Date(START) });
  });

  it('takes the observations inside the trace when there are no others', () => {
    const { events } = importing({ trace: { ...file([]).trace, observations: [observation()] } });
    expect(newestSpans(events)).to.have.length(1);
  });
});

describe('importing Langfuse scores', () => {
  it('keeps their ids, numbers, labels, reasons and targets', () => {
    const base = { timestamp: START, name: 'quality', source: 'EVAL' };
    const scores = [
      { ...base, id: '1', value: 0.5, dataType: 'NUMERIC', comment: 'meh', metadata: '{"job":"j"}' },
      { ...base, id: '2', value: 3, stringValue: 'good', dataType: 'CATEGORICAL', observationId: 'root' },
      { ...base, id: '3', value: 1, stringValue: 'True', dataType: 'BOOLEAN' },
    ];
    const { events, problems } = importing(file([observation()], { scores, userId: 'u' }));
    expect(problems).to.deep.equal([]);
    const imported = events.filter((event): event is ScoreEvent => event.type === 'score');
    expect(imported.map(({ id, spanId }) => [id, spanId])).to.deep.equal([
      ['1', undefined],
      ['2', 'root'],
      ['3', undefined],
    ]);
    expect(imported.map(({ score }) => score)).to.deep.equal([
      {
        scorerId: 'quality',
        score: 0.5,
        reason: 'meh',
        source: 'EVAL',
        metadata: { job: 'j', langfuse: { dataType: 'NUMERIC' } },
      },
      {
        scorerId: 'quality',
        label: 'good',
        source: 'EVAL',
        metadata: { langfuse: { dataType: 'CATEGORICAL' } },
      },
      {
        scorerId: 'quality',
        score: 1,
        label: 'True',
        source: 'EVAL',
        metadata: { langfuse: { dataType: 'BOOLEAN' } },
      },
    ]);
    expect(imported[0]).to.deep.include({ traceId: 't-1', timeUnixMicro: 1_749_650_492_598_000 });
    expect(imported[0]!.correlation).to.deep.equal({ userId: 'u', source: 'langfuse' });
  });
});

describe('bad Langfuse files', () => {
  it('loses only the records that are bad, each reported with its place', () => {
    const { events, problems } = importing(
      file(
        [
          observation(),
          observation({ id: undefined }),
          observation({ id: 'b', startTime: 'yesterday' }),
          observation({ id: 'c', startTime: undefined }),
          observation({ id: 'd', type: 7 }),
          null,
        ],
        { scores: [{ id: 's', name: 'n', timestamp: START, value: null }] },
      ),
    );
    expect(newestSpans(events)).to.have.length(1);
    expect(problems.map(({ code, position }) => [code, position])).to.deep.equal([
      ['OBS_IMPORT_RECORD', '/observations/1/id'],
      ['OBS_IMPORT_RECORD', '/observations/2/startTime'],
      ['OBS_IMPORT_RECORD', '/observations/3/startTime'],
      ['OBS_IMPORT_RECORD', '/observations/4/type'],
      ['OBS_IMPORT_RECORD', '/observations/5'],
      ['OBS_IMPORT_RECORD', '/trace/scores/0/value'],
    ]);
  });

  it('keeps the complete observations of a truncated file and makes up no span for the lost ones', () => {
    const lost = { parentObservationId: 'lost' };
    const text = JSON.stringify(
      file([
        observation({ id: 'a', ...lost }),
        observation({ id: 'b', ...lost }),
        observation({ id: 'lost' }),
      ]),
    );
    const { events, problems } = importing(text.slice(0, -90));
    expect(newestSpans(events).map(({ id }) => id)).to.deep.equal(['a', 'b']);
    expect(problems.map(({ code }) => code)).to.deep.equal(['OBS_IMPORT_FORMAT']);
    const inTrace = importing(text.slice(0, 30));
    expect(inTrace.events).to.deep.equal([]);
    expect(inTrace.problems).to.have.length(1);
  });

  it('takes a time without a zone as UTC', () => {
    const [span] = spansOf([observation({ startTime: '2025-06-11 14:01:32' })]);
    expect(span!.startTime.toISOString()).to.equal('2025-06-11T14:01:32.000Z');
  });

  it('says so when a file is something else', () => {
    const { problems } = importing('{"resourceSpans": []}');
    expect(problems).to.deep.equal([
      {
        code: 'OBS_IMPORT_FORMAT',
        position: 'line 1, column 1',
        message: 'an object with "trace" and "observations" was expected',
      },
    ]);
  });
});
