import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { pretty } from '../../../plugins/json/pretty.ts';
import { feedbackEvent, logEvent, metricEvent, oneOfEach, scoreEvent, spanEvent } from './events.ts';

const IDS = 'trace=019b7cbe5aee00112233445566778899 span=0123456789abcdef';
const plain = { colour: false };
const DIM = '\u001b[2m';
const RESET = '\u001b[0m';

describe('the pretty form', () => {
  it('shows a span with type, name, status, duration, error, output and ids', () => {
    expect(pretty(spanEvent(), plain)).to.equal(
      '03:04:05.691 span.ended tool_call lookup order error 12.3ms NotFound: no such order ' +
        `output=not found ${IDS} parent=fedcba9876543210`,
    );
  });

  it('shows the input of a span when it starts, and no duration yet', () => {
    const {
      endUnixMicro: _end,
      endTime: _endTime,
      errorInfo: _error,
      output: _output,
      ...running
    } = spanEvent().exportedSpan;
    expect(pretty({ type: 'span.started', exportedSpan: { ...running, status: 'running' } }, plain)).to.equal(
      `03:04:05.678 span.started tool_call lookup order running input={"order":17} ${IDS} parent=fedcba9876543210`,
    );
  });

  it('shows durations in the unit that fits', () => {
    const lasting = (micros: number) => {
      const { type, exportedSpan } = spanEvent();
      return pretty(
        {
          type,
          exportedSpan: { ...exportedSpan, endUnixMicro: exportedSpan.startUnixMicro + micros },
        } as never,
        plain,
      );
    };
    expect(lasting(0)).to.include(' 0µs ');
    expect(lasting(999)).to.include(' 999µs ');
    expect(lasting(1_500)).to.include(' 1.5ms ');
    expect(lasting(61_250_000)).to.include(' 61.25s ');
  });

  it('shows the other four signals with what matters in each', () => {
    expect(pretty(metricEvent(), plain)).to.equal(
      `03:04:05.678 metric counter tokens 512 {token} model=m-1 ${IDS}`,
    );
    expect(pretty(logEvent(), plain)).to.equal(
      `03:04:05.678 log WARN order not found data={"order":17} ${IDS}`,
    );
    const trace = IDS.split(' ')[0];
    expect(pretty(scoreEvent(), plain)).to.equal(
      `03:04:05.678 score relevance 0.25 poor reason=off topic ${trace}`,
    );
    expect(pretty(feedbackEvent(), plain)).to.equal(
      `03:04:05.678 feedback thumbs -1 comment=wrong order user=u-1 ${trace}`,
    );
  });

  it('looks like the examples of the README', () => {
    const readme = readFileSync(new URL('../../../plugins/json/README.md', import.meta.url), 'utf8');
    for (const event of oneOfEach()) expect(readme).to.include(`\n${pretty(event, plain)}\n`);
  });

  it('differs by colour alone where colour is wanted', () => {
    for (const event of oneOfEach()) {
      const coloured = pretty(event, { colour: true });
      expect(coloured)
        .to.include(DIM)
        .and.to.satisfy((line: string) => line.endsWith(RESET));
      expect(stripVTControlCharacters(coloured)).to.equal(pretty(event, plain));
    }
    const { traceId: _trace, spanId: _span, ...outside } = logEvent();
    expect(pretty(outside, { colour: true }), 'nothing to paint').to.match(/\}$/);
  });

  it('shortens long values and says by how much, without splitting a character', () => {
    expect(pretty(logEvent('x'.repeat(1_000_160)), plain)).to.include(
      `WARN ${'x'.repeat(160)}…(+1000000) data=`,
    );
    expect(pretty(logEvent(`${'x'.repeat(159)}😀yy`), plain)).to.include(
      `WARN ${'x'.repeat(159)}…(+4) data=`,
    );
    expect(pretty(logEvent('x'.repeat(160)), plain)).to.include(`WARN ${'x'.repeat(160)} data=`);
  });

  it('stays one line without control characters, whatever text the events hold', () => {
    const hostile = fc.oneof(
      fc.constantFrom(
        '\u001b[2J',
        '\u001b]0;t\u0007',
        '\r',
        '\n',
        '\u009b31m',
        '\u202e',
        '\u2028',
        '\b\u007f',
      ),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 5 }), (parts) => {
        const text = parts.join('');
        for (const event of oneOfEach()) {
          const line = pretty(withText(event, text) as never, plain);
          expect(line).not.to.match(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        }
      }),
      { numRuns: 50 },
    );
  });
});

/** The event with every text in it, keys too, replaced; only what says what the event is stays. */
function withText(value: unknown, text: string): unknown {
  if (typeof value === 'string') return text;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((entry) => withText(entry, text));
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      if (key === 'type' && 'timeUnixMicro' in value) return [key, entry];
      if (key === 'labels') return [key, { [text]: text }];
      return [key, withText(entry, text)];
    }),
  );
}
