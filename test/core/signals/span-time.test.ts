import { expect } from 'chai';
import { createFakeClock, FAKE_START_MS } from '../../kit/clock.ts';
import { createRecordedHost } from '../../kit/recorded-host.ts';

describe('the time of a span', () => {
  it('is measured in microseconds', () => {
    const clock = createFakeClock();
    const { obs, recording } = createRecordedHost({ clock });
    const span = obs.startSpan({ name: 'short' });
    clock.advanceMicro(1_337);
    span.end();
    const startUnixMicro = FAKE_START_MS * 1000;
    expect(recording.span('short')).to.include({ startUnixMicro, endUnixMicro: startUnixMicro + 1_337 });
    expect(recording.span('short').startTime).to.deep.equal(new Date(FAKE_START_MS));
    expect(recording.span('short').endTime).to.deep.equal(new Date(FAKE_START_MS + 1));
  });

  it('keeps spans of one instant in the order in which they were started', () => {
    const { obs, tracing } = createRecordedHost({ clock: createFakeClock() });
    const root = obs.startSpan({ name: 'root' });
    for (let i = 0; i < 50; i++) {
      if (i % 2) root.createEventSpan({ name: `${i}` });
      else root.createChildSpan({ name: `${i}` }).end();
    }
    const first = tracing.filter(({ exportedSpan }) => exportedSpan.seq === 1);
    const starts = first.map(({ exportedSpan }) => exportedSpan.startUnixMicro);
    expect(starts).to.have.length(51);
    for (let i = 1; i < starts.length; i++) expect(starts[i]).to.be.greaterThan(starts[i - 1]!);
    for (const { exportedSpan: span } of tracing)
      if (span.endUnixMicro !== undefined) expect(span.endUnixMicro).to.be.at.least(span.startUnixMicro);
  });

  it('survives a clock that is set back: no negative duration, and children stay after their parents', () => {
    const clock = createFakeClock();
    const { obs, recording } = createRecordedHost({ clock });
    const root = obs.startSpan({ name: 'root' });
    clock.advanceMs(10);
    clock.setWallMs(FAKE_START_MS - 3_600_000);
    const child = root.createChildSpan({ name: 'child' });
    clock.advanceMs(10);
    child.end();
    root.end();
    const startUnixMicro = FAKE_START_MS * 1000;
    expect(recording.span('root')).to.include({ startUnixMicro, endUnixMicro: startUnixMicro + 20_000 });
    expect(recording.span('child').startUnixMicro).to.equal(startUnixMicro + 10_000);
    expect(recording.span('child').endUnixMicro).to.equal(startUnixMicro + 20_000);
  });

  it('is taken from the caller where given', () => {
    const { obs, recording } = createRecordedHost();
    const span = obs.startSpan({ name: 'past', startTime: new Date(1_000) });
    span.end({ endTime: new Date(3_500) });
    expect(recording.span('past')).to.include({ startUnixMicro: 1_000_000, endUnixMicro: 3_500_000 });
  });

  it('never ends before it starts, whatever end is given', () => {
    const { obs, recording } = createRecordedHost();
    obs.startSpan({ name: 'turned', startTime: new Date(5_000) }).end({ endTime: new Date(1_000) });
    expect(recording.span('turned')).to.include({ startUnixMicro: 5_000_000, endUnixMicro: 5_000_000 });
  });

  it('is now for a given date that is none', () => {
    const clock = createFakeClock();
    const { obs, recording } = createRecordedHost({ clock });
    for (const time of [new Date(Number.NaN), 'yesterday', {}, null, Symbol('now')] as never[]) {
      recording.clear();
      const span = obs.startSpan({ name: 'odd', startTime: time });
      clock.advanceMs(1);
      span.end({ endTime: time });
      const { startUnixMicro, endUnixMicro } = recording.span('odd');
      expect(startUnixMicro).to.be.within(FAKE_START_MS * 1000, FAKE_START_MS * 1000 + 10_000);
      expect(endUnixMicro! - startUnixMicro).to.equal(1_000);
    }
  });
});
