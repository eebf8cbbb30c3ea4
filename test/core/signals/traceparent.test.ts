import { expect } from 'chai';
import fc from 'fast-check';
import { parseTraceparent } from '../../../core/signals/traceparent.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN_ID = '00f067aa0ba902b7';

describe('parseTraceparent', () => {
  it('reads trace id, span id and the sampled flag', () => {
    const ids = { traceId: TRACE_ID, spanId: SPAN_ID };
    expect(parseTraceparent(`00-${TRACE_ID}-${SPAN_ID}-01`)).to.deep.equal({ ...ids, isSampled: true });
    expect(parseTraceparent(`00-${TRACE_ID}-${SPAN_ID}-00`)).to.deep.equal({ ...ids, isSampled: false });
  });

  it('looks at the lowest bit of the flags only', () => {
    expect(parseTraceparent(`00-${TRACE_ID}-${SPAN_ID}-03`)?.isSampled).to.equal(true);
    expect(parseTraceparent(`00-${TRACE_ID}-${SPAN_ID}-fe`)?.isSampled).to.equal(false);
  });

  it('accepts white space around it', () => {
    expect(parseTraceparent(`  00-${TRACE_ID}-${SPAN_ID}-01\t`)?.traceId).to.equal(TRACE_ID);
  });

  it('accepts what later versions append, but nothing behind version 00', () => {
    expect(parseTraceparent(`01-${TRACE_ID}-${SPAN_ID}-01-what-comes`)?.spanId).to.equal(SPAN_ID);
    expect(parseTraceparent(`cc-${TRACE_ID}-${SPAN_ID}-01`)?.spanId).to.equal(SPAN_ID);
    expect(parseTraceparent(`cc-${TRACE_ID}-${SPAN_ID}-01more`)).to.equal(undefined);
    expect(parseTraceparent(`00-${TRACE_ID}-${SPAN_ID}-01-what-comes`)).to.equal(undefined);
  });

  const malformed = {
    'version ff': `ff-${TRACE_ID}-${SPAN_ID}-01`,
    'an all-zero trace id': `00-${'0'.repeat(32)}-${SPAN_ID}-01`,
    'an all-zero span id': `00-${TRACE_ID}-${'0'.repeat(16)}-01`,
    'upper case': `00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`,
    'a short trace id': `00-${TRACE_ID.slice(1)}-${SPAN_ID}-01`,
    'a long span id': `00-${TRACE_ID}-${SPAN_ID}0-01`,
    'no flags': `00-${TRACE_ID}-${SPAN_ID}`,
    'two headers joined': `00-${TRACE_ID}-${SPAN_ID}-01, 00-${TRACE_ID}-${SPAN_ID}-01`,
    'a line break inside': `00-${TRACE_ID}\n-${SPAN_ID}-01`,
    nothing: '',
  };
  for (const [what, header] of Object.entries(malformed)) {
    it(`gives nothing for ${what}`, () => {
      expect(parseTraceparent(header)).to.equal(undefined);
    });
  }

  it('gives nothing for anything else, and never throws', () => {
    for (const value of [undefined, null, 7, Symbol('x'), {}, [`00-${TRACE_ID}-${SPAN_ID}-01`]])
      expect(parseTraceparent(value as never)).to.equal(undefined);
    fc.assert(fc.property(fc.string(), (text) => parseTraceparent(text) === undefined));
  });
});
