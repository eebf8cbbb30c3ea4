import { expect } from 'chai';
import { REDACTED } from '../../../core/bus/redact.ts';
import { createTestHost } from '../../kit/host.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';
import { createRecording } from '../../kit/recording.ts';

const SECRET = `sk-${'a1B2'.repeat(6)}`;

describe('redaction on the way to plugins', () => {
  it('covers every part of a span', () => {
    const { obs, recording } = createRecordedHost();
    const error = new Error(`401 for ${SECRET}`, { cause: new Error(`key ${SECRET}`) });
    const span = obs.startSpan({
      name: `call with ${SECRET}`,
      input: { password: 'p', prompt: `use ${SECRET}`, args: '{"api_key":"k"}' },
      attributes: { headers: { Authorization: 'x' } },
      metadata: { deep: [{ token: 't' }] },
      tags: [SECRET],
      sessionId: SECRET,
      links: [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), attributes: { secret: 's' } }],
      scope: { name: 'lib', attributes: { secret: 's' } },
    });
    span.error({ error, output: { cookie: 'c' } });
    const text = JSON.stringify(recording.events.tracing);
    expect(text).not.to.include(SECRET);
    const [, failed, ended] = recording.events.tracing;
    expect(ended?.exportedSpan).to.deep.include({
      name: `call with ${REDACTED}`,
      input: { password: REDACTED, prompt: `use ${REDACTED}`, args: `{"api_key":"${REDACTED}"}` },
      output: { cookie: REDACTED },
      attributes: { headers: { Authorization: REDACTED } },
      metadata: { deep: [{ token: REDACTED }] },
      tags: [REDACTED],
      sessionId: REDACTED,
      scope: { name: 'lib', attributes: { secret: REDACTED } },
    });
    expect(ended?.exportedSpan.links?.[0]?.attributes).to.deep.equal({ secret: REDACTED });
    if (failed?.type !== 'span.error') throw new Error('the second event is no span.error');
    expect(failed.error.message).to.equal(`401 for ${REDACTED}`);
    expect(failed.error.details).to.deep.equal({ cause: `key ${REDACTED}` });
    expect(ended?.exportedSpan.errorInfo).to.deep.equal(failed.error);
    expect(ended?.exportedSpan).to.include({ traceId: span.traceId, id: span.id });
  });

  it('covers logs, metrics, scores and feedback', () => {
    const { obs, recording } = createRecordedHost();
    obs.trace('request', { sessionId: SECRET }, () => {
      obs.logger.info(`login with ${SECRET}`, { user: 'u', password: 'p' });
      obs.metrics.counter('calls').add(1, { api_key: 'k', model: 'm', note: SECRET });
      obs.addScore({ scorerId: 's', score: 1, reason: SECRET, metadata: { token: 't' } });
      obs.addFeedback({
        feedbackType: 'f',
        value: SECRET,
        comment: '{"password":"p"}',
        metadata: { secret: 's' },
      });
    });
    const { logs, metrics, scores, feedback } = recording.events;
    expect(logs[0]?.record).to.deep.equal({
      level: 'info',
      message: `login with ${REDACTED}`,
      data: { user: 'u', password: REDACTED },
    });
    expect(metrics[0]?.labels).to.deep.equal({ api_key: REDACTED, model: 'm', note: REDACTED });
    expect(scores[0]?.score).to.deep.equal({
      scorerId: 's',
      score: 1,
      reason: REDACTED,
      metadata: { token: REDACTED },
    });
    expect(feedback[0]?.feedback).to.deep.equal({
      feedbackType: 'f',
      value: REDACTED,
      comment: `{"password":"${REDACTED}"}`,
      metadata: { secret: REDACTED },
    });
    for (const [event] of [logs, metrics, scores, feedback])
      expect(event?.correlation?.sessionId).to.equal(REDACTED);
  });

  it('leaves what the application holds as it was', () => {
    const { obs, recording } = createRecordedHost();
    const input = { password: 'p', nested: { token: 't' } };
    obs.startSpan({ name: 'x', input });
    obs.logger.info('x', input);
    expect(input).to.deep.equal({ password: 'p', nested: { token: 't' } });
    expect(Object.isFrozen(input)).to.equal(false);
    expect(recording.all).to.have.length(2);
  });

  it('hides names that the config adds', () => {
    const { obs, recording } = createRecordedHost({ config: { redact: { keys: ['ssn'] } } });
    obs.logger.info('x', { SSN: '1', other: '2' });
    expect(recording.events.logs[0]?.record.data).to.deep.equal({ SSN: REDACTED, other: '2' });
  });

  it('is off when the config says so', () => {
    const { obs, recording } = createRecordedHost({ config: { redact: { enabled: false } } });
    obs.logger.info(SECRET, { password: 'p' });
    expect(recording.events.logs[0]?.record).to.deep.include({ message: SECRET, data: { password: 'p' } });
  });

  it('keeps the account of bytes on events that it changed', () => {
    const { obs, recording } = createRecordedHost();
    obs.logger.info('clean');
    obs.logger.info('x', { password: 'p' });
    const size = (event: object | undefined) =>
      Object.getOwnPropertySymbols(event).map((key) => (event as never)[key]);
    for (const event of recording.events.logs) expect(size(event)[0]).to.be.a('number').above(0);
  });
});

describe('capture.content false', () => {
  it('leaves out inputs and outputs of spans and the data of logs, and nothing else', () => {
    const { obs, recording } = createRecordedHost({ config: { capture: { content: false } } });
    const span = obs.startSpan({ name: 'x', input: 'in', attributes: { model: 'm' }, metadata: { a: 1 } });
    span.end({ output: 'out' });
    obs.logger.info('message', { secret: 'data' });
    obs.addFeedback({ feedbackType: 'f', value: 1, comment: 'kept' });
    expect(recording.span('x')).not.to.have.any.keys('input', 'output');
    expect(recording.span('x')).to.deep.include({
      attributes: { model: 'm' },
      metadata: { a: 1 },
      status: 'ok',
    });
    expect(recording.events.logs[0]?.record).to.deep.equal({ level: 'info', message: 'message' });
    expect(recording.events.feedback[0]?.feedback.comment).to.equal('kept');
  });

  it('can be said of one plugin alone', () => {
    const [all, some] = [createRecording(), createRecording()];
    const { obs } = createTestHost({
      plugins: { all: all.plugin, some: { plugin: some.plugin, captureContent: false } },
    });
    obs.startSpan({ name: 'x', input: 'in' });
    expect(all.span('x').input).to.equal('in');
    expect(some.span('x')).not.to.have.property('input');
  });
});
