import { expect } from 'chai';
import { createRedactor, REDACTED, remembering } from '../../../core/bus/redact.ts';
import { definePlugin, type Plugin } from '../../../core/contract/plugin.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';

const SECRET = `sk-${'a1B2'.repeat(6)}`;

/** A redactor that counts how often it looks. */
function counted() {
  const looks: unknown[] = [];
  const redact = createRedactor();
  const redactOnce = remembering((value) => {
    looks.push(value);
    return redact(value);
  });
  return { looks, redactOnce };
}

describe('a redactor that remembers', () => {
  it('looks through an object once and gives the same answer again', () => {
    const { looks, redactOnce } = counted();
    const value = { key: SECRET };
    const first = redactOnce(value);
    expect(first).to.deep.equal({ key: REDACTED });
    expect(redactOnce(value)).to.equal(first);
    expect(looks).to.have.length(1);
  });

  it('leaves no trace on the object that anybody could see or copy', () => {
    const { looks, redactOnce } = counted();
    const value = { key: 'plain' };
    redactOnce(value);
    expect(Reflect.ownKeys(value)).to.deep.equal(['key']);
    redactOnce({ ...value });
    expect(looks).to.have.length(2);
  });

  it('keeps what it remembers from another redactor, which may know more names', () => {
    const value = { colour: 'red' };
    expect(remembering(createRedactor())(value)).to.equal(value);
    expect(remembering(createRedactor(['colour']))(value)).to.deep.equal({ colour: REDACTED });
  });

  it('looks again through what cannot be marked, and through texts', () => {
    const { looks, redactOnce } = counted();
    const frozen = Object.freeze({ key: SECRET });
    for (const value of [frozen, frozen, SECRET, SECRET]) redactOnce(value as object);
    expect(looks).to.have.length(4);
  });

  it('remembers nothing where a processor could have changed an object in the meantime', () => {
    const careless = definePlugin({
      name: 'careless',
      apiVersion: 1,
      kind: 'processor',
      signals: ['tracing'],
      apply(host) {
        host.process.tracing('enrich', (event) => {
          if (event.type === 'span.ended') Object.assign(event.exportedSpan.metadata!, { note: SECRET });
          return event;
        });
      },
    }) as unknown as Plugin;
    const config = { environment: 'production' };
    const { obs, recording } = createRecordedHost({ config, plugins: { careless } });
    obs.startSpan({ name: 'work', metadata: { plan: 'pro' } }).end();
    expect(recording.span('work').metadata).to.deep.equal({ plan: 'pro', note: REDACTED });
  });

  it('spares the second look at what a span carried from its start, where there is no processor', () => {
    const { obs, recording } = createRecordedHost({ config: { environment: 'production' } });
    obs.startSpan({ name: 'work', metadata: { key: SECRET } }).end();
    const [started, ended] = recording.events.tracing;
    expect(ended?.exportedSpan.metadata).to.deep.equal({ key: REDACTED });
    expect(ended?.exportedSpan.metadata).to.equal(started?.exportedSpan.metadata);
  });
});
