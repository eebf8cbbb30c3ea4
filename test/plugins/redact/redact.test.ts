import { expect } from 'chai';
import type { Plugin } from '../../../core/index.ts';
import { type RedactOptions, redact } from '../../../plugins/redact/index.ts';
import { redactOptions } from '../../../plugins/redact/options.ts';
import { createRedaction, FAILED } from '../../../plugins/redact/redaction.ts';
import { createRecordedHost, type RecordedHost } from '../../kit/recorded-host.ts';

const HIDDEN = '[REDACTED]';
const MAIL = 'ada@example.org';
const MAIL_PATTERN = String.raw`[\w.+-]+@[\w-]+(\.[\w-]+)+`;

function hostWith(options: RedactOptions): RecordedHost {
  const entry = { plugin: redact as unknown as Plugin, options: redactOptions.parse(options) };
  return createRecordedHost({ plugins: { privacy: entry } });
}

/** One event of each signal, each with the same private things in it. */
function emitAll({ obs }: RecordedHost): void {
  const mine = {
    email: MAIL,
    deep: [{ E_Mail: MAIL }],
    note: `mail to ${MAIL}`,
    args: `{"email":"${MAIL}"}`,
  };
  obs.trace('request', { userId: MAIL, input: mine, metadata: mine, tags: [MAIL] }, (span) => {
    span.update({ attributes: { model: 'm', ...mine } });
    obs.logger.info(`login of ${MAIL}`, mine);
    obs.metrics.counter('logins').add(1, { email: MAIL, route: '/' });
    obs.addScore({ scorerId: 's', score: 1, reason: MAIL, metadata: mine });
    obs.addFeedback({ feedbackType: 'f', value: MAIL, comment: MAIL, metadata: mine });
    obs.startSpan({ name: 'failing' }).error({ error: new Error(`no such user ${MAIL}`) });
  });
}

describe('redact', () => {
  it('hides what a pattern matches in all five signals, and nothing else', () => {
    const host = hostWith({ patterns: [MAIL_PATTERN] });
    emitAll(host);
    expect(JSON.stringify(host.recording.all)).not.to.include(MAIL);
    const { tracing, metrics, logs, scores, feedback } = host.recording.events;
    expect(host.recording.span('request')).to.deep.include({
      name: 'request',
      status: 'ok',
      userId: HIDDEN,
      tags: [HIDDEN],
      metadata: {
        email: HIDDEN,
        deep: [{ E_Mail: HIDDEN }],
        note: `mail to ${HIDDEN}`,
        args: `{"email":"${HIDDEN}"}`,
      },
    });
    expect(tracing.find(({ type }) => type === 'span.error')).to.have.nested.property(
      'error.message',
      `no such user ${HIDDEN}`,
    );
    expect(metrics[0]?.labels).to.deep.equal({ email: HIDDEN, route: '/' });
    expect(logs[0]?.record.message).to.equal(`login of ${HIDDEN}`);
    expect(logs[0]?.correlation?.userId).to.equal(HIDDEN);
    expect(scores[0]?.score.reason).to.equal(HIDDEN);
    expect(feedback[0]?.feedback).to.include({ value: HIDDEN, comment: HIDDEN });
    expect(logs[0]?.traceId).to.equal(host.recording.span('request').traceId);
  });

  it('hides fields by name at any depth, in JSON texts too, in all five signals', () => {
    const host = hostWith({ keys: ['e-mail', 'comment'] });
    emitAll(host);
    const { metrics, logs, scores, feedback } = host.recording.events;
    const shown = {
      email: HIDDEN,
      deep: [{ E_Mail: HIDDEN }],
      note: `mail to ${MAIL}`,
      args: `{"email":"${HIDDEN}"}`,
    };
    expect(host.recording.span('request')).to.deep.include({ input: shown, metadata: shown });
    expect(host.recording.span('request').attributes).to.deep.equal({ model: 'm', ...shown });
    expect(logs[0]?.record.data).to.deep.equal(shown);
    expect(metrics[0]?.labels).to.deep.equal({ email: HIDDEN, route: '/' });
    expect(scores[0]?.score.metadata).to.deep.equal(shown);
    expect(feedback[0]?.feedback).to.deep.include({ comment: HIDDEN, value: MAIL });
  });

  it('hides fields by place, with * for any name or number', () => {
    const host = hostWith({
      paths: ['metadata.deep.*.E_Mail', 'data.email', 'labels.email', 'userId', 'tags', 'input'],
    });
    emitAll(host);
    const { metrics, logs, scores } = host.recording.events;
    expect(host.recording.span('request')).to.deep.include({ input: HIDDEN, userId: HIDDEN, tags: [HIDDEN] });
    expect(scores[0]?.score.metadata).to.deep.include({ email: MAIL, deep: [{ E_Mail: HIDDEN }] });
    expect(logs[0]?.record.data).to.include({ email: HIDDEN, note: `mail to ${MAIL}` });
    expect(metrics[0]?.labels).to.deep.equal({ email: HIDDEN, route: '/' });
  });

  it('keeps the kind of what it hides where readers rely on it, and ids, kinds and times always', () => {
    const host = hostWith({ keys: ['metadata', 'labels', 'level', 'traceId', 'timestamp', 'type'] });
    emitAll(host);
    const { metrics, logs } = host.recording.events;
    expect(host.recording.span('request').metadata).to.deep.equal({ redacted: HIDDEN });
    expect(metrics[0]?.labels).to.deep.equal({ redacted: HIDDEN });
    expect(logs[0]?.record.level).to.equal('info');
    expect(logs[0]?.traceId).to.match(/^[0-9a-f]{32}$/);
    expect(logs[0]?.timestamp).to.be.instanceOf(Date);
  });

  it('changes no event that it was given, and leaves a clean one as it is', () => {
    const clean = createRedaction(redactOptions.parse({ keys: ['a'], patterns: ['x+'] }));
    const dirty = Object.freeze({
      input: Object.freeze({ a: 1, text: 'axxb', kept: Object.freeze({ n: 1 }) }),
    });
    const shown = clean(dirty);
    expect(shown).to.deep.equal({ input: { a: HIDDEN, text: `a${HIDDEN}b`, kept: { n: 1 } } });
    expect(shown.input.kept).to.equal(dirty.input.kept);
    const spotless = { input: { n: 1, list: [1, 'b'], none: null }, seq: 3 };
    expect(clean(spotless)).to.equal(spotless);
  });

  it('merges what several patterns match, and looks at long numbers as texts', () => {
    const clean = createRedaction(
      redactOptions.parse({ patterns: ['bcd', 'cde', /F+/i, String.raw`\d{9,}`] }),
    );
    expect(clean({ input: 'abcdeg fF 😀 bcd' })).to.deep.equal({
      input: `a${HIDDEN}g ${HIDDEN} 😀 ${HIDDEN}`,
    });
    expect(clean({ input: [15551234567, 12345] })).to.deep.equal({ input: [HIDDEN, 12345] });
  });

  it('hides a field that cannot be looked through, and lets the rest of the event go on', () => {
    const clean = createRedaction(redactOptions.parse({ patterns: ['secret'] }));
    const traps = {
      get trap() {
        throw new Error('no');
      },
      fine: 'a secret',
    };
    expect(clean({ input: traps, name: 'n' })).to.deep.equal({
      input: { trap: FAILED, fine: `a ${HIDDEN}` },
      name: 'n',
    });
    const closed = new Proxy({}, { ownKeys: () => expect.fail('no') });
    expect(clean({ input: closed, attributes: closed })).to.deep.equal({
      input: FAILED,
      attributes: { redacted: FAILED },
    });
  });

  it('lets nothing pass that is longer than it looks through', () => {
    const clean = createRedaction(redactOptions.parse({ patterns: ['SECRET'], maxTextLength: 100 }));
    const across = `${'a'.repeat(97)}SECRET${'b'.repeat(3_000)}SECRET`;
    expect(clean({ input: across }).input).to.equal(
      `${'a'.repeat(97)}${HIDDEN}[${across.length - 100} characters not looked through]`,
    );
    expect(clean({ input: 'a'.repeat(100) }).input).to.equal('a'.repeat(100));
    const keysOnly = createRedaction(redactOptions.parse({ keys: ['k'], maxTextLength: 10 }));
    expect(keysOnly({ input: 'a'.repeat(100) }).input).to.equal('a'.repeat(100));
  });
});
