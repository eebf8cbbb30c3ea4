import { expect } from 'chai';
import { createFakeClock, FAKE_START_MS } from '../../kit/clock.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';

const TRACE_ID = 'a'.repeat(32);

describe('obs.addScore', () => {
  it('makes an event with the score in the record and its target on the event', () => {
    const { obs, scores } = createRecordedHost({ clock: createFakeClock() });
    obs.addScore({
      traceId: TRACE_ID,
      spanId: 'b'.repeat(16),
      scorerId: 'relevance',
      score: 0.8,
      label: 'good',
      reason: 'on topic',
      metadata: { model: 'judge' },
    });
    expect(scores).to.have.length(1);
    expect(scores[0]).to.deep.include({
      type: 'score',
      traceId: TRACE_ID,
      spanId: 'b'.repeat(16),
      score: {
        scorerId: 'relevance',
        score: 0.8,
        label: 'good',
        reason: 'on topic',
        metadata: { model: 'judge' },
      },
      timestamp: new Date(FAKE_START_MS),
      timeUnixMicro: FAKE_START_MS * 1000,
    });
    expect(scores[0]?.id).to.match(/^[0-9a-f]{32}$/);
  });

  it('is about the current span unless told otherwise', () => {
    const { obs, scores } = createRecordedHost();
    obs.trace('work', { userId: 'u' }, (span) => {
      obs.addScore({ scorerId: 's', score: 1 });
      obs.addScore({ scorerId: 's', score: 1, traceId: TRACE_ID });
      obs.addScore({ scorerId: 's', score: 1, traceId: span.traceId });
      expect(scores[0]).to.include({ traceId: span.traceId, spanId: span.id });
      expect(scores[0]?.correlation).to.include({ userId: 'u' });
      expect(scores[1]).to.include({ traceId: TRACE_ID });
      expect(scores[1]?.correlation).not.to.have.property('userId');
      expect(scores[2]).to.include({ traceId: span.traceId });
      expect(scores[2]?.correlation).to.include({ userId: 'u' });
    });
    expect(scores[1]).not.to.have.property('spanId');
    expect(scores[2]).not.to.have.property('spanId');
  });

  it('is about another span of the current trace when that is given', () => {
    const { obs, scores } = createRecordedHost();
    obs.trace('work', (span) => {
      obs.addScore({ scorerId: 's', score: 1, spanId: 'b'.repeat(16) });
      expect(scores[0]).to.include({ traceId: span.traceId, spanId: 'b'.repeat(16) });
    });
  });

  it('is about nothing of ours outside of any span', () => {
    const { obs, scores } = createRecordedHost();
    obs.addScore({ scorerId: 's', score: 1 });
    expect(scores[0]).not.to.have.any.keys('traceId', 'spanId');
  });

  it('keeps the id, the time and the target it is given', () => {
    const { obs, scores } = createRecordedHost();
    const timestamp = new Date('2024-02-03T04:05:06.789Z');
    obs.addScore({ id: 'my-score-1', scorerId: 's', score: 1, timestamp, traceId: 'not-a-w3c-id' });
    obs.addScore({ scorerId: 's', score: 1, spanId: 'alone' });
    expect(scores[0]).to.deep.include({
      id: 'my-score-1',
      timestamp,
      timeUnixMicro: timestamp.getTime() * 1000,
      traceId: 'not-a-w3c-id',
    });
    expect(scores[0]?.score).to.deep.equal({ scorerId: 's', score: 1 });
    expect(scores[1]).to.include({ spanId: 'alone' });
  });

  it('makes ids of text of what is given as such, and takes nothing for an id', () => {
    const { obs, scores } = createRecordedHost();
    obs.addScore({ scorerId: 's', score: 1, id: 7, traceId: 8, spanId: { a: 1 } } as never);
    obs.addScore({ scorerId: 's', score: 1, id: '', traceId: null, spanId: null } as never);
    expect(scores[0]).to.include({ id: '7', traceId: '8', spanId: '{"a":1}' });
    expect(scores[1]?.id).to.match(/^[0-9a-f]{32}$/);
    expect(scores[1]).not.to.have.any.keys('traceId', 'spanId');
  });

  it('takes a date that is none for now', () => {
    const clock = createFakeClock();
    const { obs, scores } = createRecordedHost({ clock });
    for (const timestamp of [new Date(Number.NaN), 'soon', {}, null] as never[])
      obs.addScore({ scorerId: 's', score: 1, timestamp });
    expect(scores.map(({ timeUnixMicro }) => timeUnixMicro)).to.deep.equal(
      Array(4).fill(FAKE_START_MS * 1000),
    );
    expect(scores.every(({ id }) => /^[0-9a-f]{32}$/.test(id))).to.equal(true);
  });

  it('accepts a label without a number', () => {
    const { obs, scores } = createRecordedHost();
    obs.addScore({ scorerId: 's', label: 'correct' });
    obs.addScore({ scorerId: 's', label: 'correct', score: null as never });
    expect(scores.map(({ score }) => score.label)).to.deep.equal(['correct', 'correct']);
  });

  it('refuses and counts a score without scorer, or with neither a finite number nor a label', () => {
    const { obs, scores, warnings } = createRecordedHost();
    const wrong = [
      { scorerId: 's' },
      { scorerId: 's', score: Number.NaN },
      { scorerId: 's', score: Number.NaN, label: 'x' },
      { scorerId: 's', score: Number.POSITIVE_INFINITY },
      { scorerId: 's', score: '1' },
      { scorerId: 's', label: 5 },
      { score: 1 },
      { scorerId: '', score: 1 },
      {},
      null,
      undefined,
      'score',
    ];
    for (const request of wrong) obs.addScore(request as never);
    expect(scores).to.deep.equal([]);
    expect(obs.diagnostics().emitted.scores).to.deep.equal({
      count: 0,
      dropped: { invalid_value: wrong.length },
    });
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include('scorer "s" gave undefined and no label');
  });

  it('is kept for a trace that is not sampled', () => {
    const { obs, scores } = createRecordedHost({ config: { signals: { tracing: { sample: 0 } } } });
    const span = obs.startSpan({ name: 'x' });
    span.addScore({ scorerId: 's', score: 1 });
    span.trace.addScore({ scorerId: 's', score: 1 });
    expect(scores.map(({ traceId }) => traceId)).to.deep.equal([span.traceId, span.traceId]);
  });
});

describe('span.addScore and trace.addScore', () => {
  it('know their target and their owner, also after the span has ended', () => {
    const { obs, scores } = createRecordedHost();
    const root = obs.startSpan({ name: 'root', userId: 'u' });
    const child = root.createChildSpan({ name: 'child', entityId: 'tool' });
    child.end();
    root.end();
    child.addScore({ scorerId: 's', score: 1 });
    child.trace.addScore({ scorerId: 't', score: 0 });
    expect(scores[0]).to.include({ traceId: root.traceId, spanId: child.id });
    expect(scores[0]?.correlation).to.include({ userId: 'u', entityId: 'tool' });
    expect(scores[1]).to.include({ traceId: root.traceId });
    expect(scores[1]).not.to.have.property('spanId');
    expect(scores[1]?.correlation).to.include({ userId: 'u' }).and.not.have.property('entityId');
  });

  it('ignore the span that is current', () => {
    const { obs, scores } = createRecordedHost();
    const target = obs.startSpan({ name: 'target' });
    obs.trace('judge', () => target.addScore({ scorerId: 's', score: 1 }));
    expect(scores[0]).to.include({ traceId: target.traceId, spanId: target.id });
  });
});
