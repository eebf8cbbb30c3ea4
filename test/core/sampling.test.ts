import { expect } from 'chai';
import fc from 'fast-check';
import { createIdSource } from '../../core/ids.ts';
import { isSampled } from '../../core/sampling.ts';
import { createTestHost } from '../kit/host.ts';
import { createRecording } from '../kit/recording.ts';

const hexDigit = fc.constantFrom(...'0123456789abcdef');
const traceId = fc.array(hexDigit, { minLength: 32, maxLength: 32 }).map((digits) => digits.join(''));
const ratio = fc.double({ min: 0, max: 1, noNaN: true });

const ids = (n: number) => {
  const source = createIdSource();
  return Array.from({ length: n }, () => source.traceId(Date.now() * 1000));
};

function hostAt(sample: number) {
  const recording = createRecording();
  return createTestHost({
    plugins: { recording: recording.plugin },
    config: { signals: { tracing: { sample } } },
  });
}

describe('sampling', () => {
  it('keeps all at 1 and none at 0', () => {
    fc.assert(fc.property(traceId, (id) => isSampled(id, 1) && !isSampled(id, 0)));
  });

  it('keeps at a lower probability only what a higher one keeps too', () => {
    fc.assert(
      fc.property(traceId, ratio, ratio, (id, a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        return !isSampled(id, low) || isSampled(id, high);
      }),
    );
  });

  it('looks at the low 56 bits alone, as OpenTelemetry does', () => {
    fc.assert(
      fc.property(traceId, traceId, ratio, (a, b, probability) => {
        const mixed = a.slice(0, 18) + b.slice(18);
        return isSampled(mixed, probability) === isSampled(b, probability);
      }),
    );
    const low = (hex: string) => '1'.repeat(18) + hex;
    expect(isSampled(low('80000000000000'), 0.5)).to.equal(true);
    expect(isSampled(low('7ffffffffff000'), 0.5)).to.equal(false);
    expect(isSampled(low('c0000000000000'), 0.25)).to.equal(true);
    expect(isSampled(low('bfffffffffff00'), 0.25)).to.equal(false);
  });

  it('keeps about the share that is asked for', () => {
    const all = ids(20_000);
    for (const probability of [0.01, 0.1, 0.5, 0.9]) {
      const kept = all.filter((id) => isSampled(id, probability)).length;
      const expected = all.length * probability;
      // Seven standard deviations: fails by chance less than once in a billion runs.
      const slack = 7 * Math.sqrt(expected * (1 - probability));
      expect(kept).to.be.within(expected - slack, expected + slack);
    }
  });

  it('decides the same for one trace in two hosts, and more generously at a higher probability', () => {
    const [a, b, generous] = [hostAt(0.3), hostAt(0.3), hostAt(0.6)];
    let kept = 0;
    for (const id of ids(300)) {
      const decide = ({ obs }: typeof a) => obs.startSpan({ name: 'x', traceId: id }).isSampled;
      const decision = decide(a);
      expect(decide(b)).to.equal(decision);
      if (decision) expect(decide(generous)).to.equal(true);
      kept += decision ? 1 : 0;
    }
    expect(kept).to.be.within(30, 160);
  });

  it('decides once for all spans of a trace', () => {
    const { obs } = hostAt(0.5);
    for (let i = 0; i < 50; i++) {
      const root = obs.startSpan({ name: 'root' });
      expect(root.isSampled).to.equal(isSampled(root.traceId, 0.5));
      expect(root.createChildSpan({ name: 'child' }).isSampled).to.equal(root.isSampled);
      expect(root.run(() => obs.startSpan({ name: 'inner' })).isSampled).to.equal(root.isSampled);
    }
  });
});
