import { expect } from 'chai';
import { createFakeClock, FAKE_START_MS } from '../../kit/clock.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';

const TRACE_ID = 'a'.repeat(32);

describe('obs.addFeedback', () => {
  it('makes an event with the feedback in the record and its target on the event', () => {
    const { obs, feedback } = createRecordedHost({ clock: createFakeClock() });
    obs.addFeedback({
      traceId: TRACE_ID,
      feedbackType: 'thumbs',
      value: -1,
      comment: 'wrong city',
      userId: 'u',
      source: 'chat-widget',
    });
    expect(feedback[0]).to.deep.include({
      type: 'feedback',
      traceId: TRACE_ID,
      feedback: {
        feedbackType: 'thumbs',
        value: -1,
        comment: 'wrong city',
        userId: 'u',
        source: 'chat-widget',
      },
      timestamp: new Date(FAKE_START_MS),
      timeUnixMicro: FAKE_START_MS * 1000,
    });
    expect(feedback[0]).not.to.have.property('spanId');
  });

  it('keeps the id and the time it is given', () => {
    const { obs, feedback } = createRecordedHost();
    const timestamp = new Date(1_700_000_000_123);
    obs.addFeedback({ id: 'click-7', feedbackType: 'rating', value: 'five', timestamp });
    expect(feedback[0]).to.deep.include({ id: 'click-7', timestamp, timeUnixMicro: 1_700_000_000_123_000 });
    expect(feedback[0]?.feedback).to.deep.equal({ feedbackType: 'rating', value: 'five' });
  });

  it('is about the current span unless told otherwise', () => {
    const { obs, feedback } = createRecordedHost();
    obs.trace('work', (span) => {
      obs.addFeedback({ feedbackType: 'thumbs', value: 1 });
      expect(feedback[0]).to.include({ traceId: span.traceId, spanId: span.id });
    });
  });

  it('comes from spans and traces too, also of those that are not sampled', () => {
    for (const sample of [0, 1]) {
      const { obs, feedback } = createRecordedHost({ config: { signals: { tracing: { sample } } } });
      const span = obs.startSpan({ name: 'x' });
      span.end();
      span.addFeedback({ feedbackType: 'thumbs', value: 1 });
      span.trace.addFeedback({ feedbackType: 'thumbs', value: 1 });
      expect(feedback[0]).to.include({ traceId: span.traceId, spanId: span.id });
      expect(feedback[1]).to.include({ traceId: span.traceId }).and.not.have.property('spanId');
    }
  });

  it('refuses and counts feedback without a type, or whose value is neither text nor a finite number', () => {
    const { obs, feedback, warnings } = createRecordedHost();
    const wrong = [
      { feedbackType: 'thumbs' },
      { feedbackType: 'thumbs', value: Number.NaN },
      { feedbackType: 'thumbs', value: true },
      { feedbackType: 'thumbs', value: { up: 1 } },
      { value: 1 },
      { feedbackType: '', value: 1 },
      null,
      undefined,
    ];
    for (const request of wrong) obs.addFeedback(request as never);
    expect(feedback).to.deep.equal([]);
    expect(obs.diagnostics().emitted.feedback).to.deep.equal({
      count: 0,
      dropped: { invalid_value: wrong.length },
    });
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include('feedback "thumbs" was given undefined');
  });
});
