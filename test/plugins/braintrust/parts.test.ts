import { expect } from 'chai';
import { fitRow } from '../../../plugins/braintrust/fit.ts';
import { toRow } from '../../../plugins/braintrust/index.ts';
import { Judged } from '../../../plugins/braintrust/judged.ts';
import { requestsOf } from '../../../plugins/braintrust/requests.ts';
import { span, spanId } from './events.ts';

describe('a row that must fit into a request', () => {
  const fitted = (patch: object, maxBytes: number) => {
    const text = fitRow(toRow(span(patch)), maxBytes);
    if (text !== undefined) expect(Buffer.byteLength(text)).to.be.at.most(maxBytes);
    return text === undefined ? undefined : JSON.parse(text);
  };

  it('stays as it is when it fits', () => {
    const row = toRow(span({ input: 'short' }));
    expect(fitRow(row, 1_000)).to.equal(JSON.stringify(row));
  });

  it('loses the end of its largest part, and names it', () => {
    const row = fitted({ input: 'a'.repeat(5_000), output: 'b'.repeat(9_000) }, 10_000);
    expect(row.input).to.equal('a'.repeat(5_000));
    expect(row.output).to.match(/^b{4000,4999}$/);
    expect(row.metadata.obs_truncated).to.deep.equal([{ path: 'output', reason: 'bytes', size: 9_002 }]);
  });

  it('loses parts one after the other until it fits, metadata among them', () => {
    const large = { big: ['c'.repeat(9_000)], small: 1 };
    const row = fitted({ input: 'a'.repeat(9_000), output: 'b'.repeat(9_000), metadata: large }, 1_500);
    const paths = row.metadata.obs_truncated.map(({ path }: { path: string }) => path);
    expect(paths).to.have.members(['metadata.big', 'input', 'output']);
    expect(row.metadata.small).to.equal(1);
  });

  it('keeps what was cut before on the list', () => {
    const truncated = [{ path: 'input', reason: 'bytes' as const, size: 9 }];
    const row = fitted({ output: 'b'.repeat(9_000), truncated }, 2_000);
    expect(row.metadata.obs_truncated.map(({ path }: { path: string }) => path)).to.deep.equal([
      'input',
      'output',
    ]);
  });

  it('never ends in half a character', () => {
    for (let bytes = 1_000; bytes < 1_010; bytes++)
      expect(fitted({ input: '😀'.repeat(1_000) }, bytes).input).to.match(/^(😀)+$/u);
  });

  it('becomes nothing when even its frame is too large', () => {
    expect(fitted({ name: 'n'.repeat(2_000), input: 'a'.repeat(2_000) }, 1_500)).to.equal(undefined);
  });
});

describe('requests', () => {
  it('keep the order, and hold 100 texts or the bytes at most', () => {
    const texts = Array.from({ length: 205 }, (_, index) => `${index}`);
    const requests = requestsOf(texts, 1_000);
    expect(requests.map(({ from, items }) => [from, items.length])).to.deep.equal([
      [0, 100],
      [100, 100],
      [200, 5],
    ]);
    expect(requests.flatMap(({ items }) => items)).to.deep.equal(texts);
    expect(requestsOf(['aaaa', 'bbbb', 'c'], 10).map(({ items }) => items)).to.deep.equal([
      ['aaaa', 'bbbb'],
      ['c'],
    ]);
  });

  it('let a text that is too large go alone, and are none for nothing', () => {
    expect(requestsOf(['a', 'b'.repeat(99), 'c'], 10).map(({ from }) => from)).to.deep.equal([0, 1, 2]);
    expect(requestsOf([], 10)).to.deep.equal([]);
  });
});

describe('what was said about rows to come', () => {
  const scored = (value: number) => ({
    feedback: { id: spanId, scores: { relevance: value }, source: 'external' as const },
  });

  it('goes into the row, newest last, once for each event', () => {
    const judged = new Judged();
    judged.remember(spanId, 'e1', scored(0.1));
    judged.remember(spanId, 'e2', scored(0.2));
    judged.remember(spanId, 'e1', scored(0.1));
    judged.remember('other', 'e3', scored(1));
    const row = toRow(span());
    judged.addTo(row);
    expect(row.scores).to.deep.equal({ relevance: 0.2 });
  });

  it('is told from what was said after the row was made', () => {
    const judged = new Judged();
    judged.remember(spanId, 'e1', scored(0.1));
    const { now } = judged;
    expect(judged.since(now, spanId)).to.deep.equal([]);
    judged.remember(spanId, 'e2', scored(0.2));
    expect(judged.since(now, spanId)).to.deep.equal([scored(0.2)]);
  });

  it('is forgotten when it was refused', () => {
    const judged = new Judged();
    judged.remember(spanId, 'e1', scored(0.1));
    judged.forget(spanId, 'e1');
    judged.forget('unknown', 'e1');
    const row = toRow(span());
    judged.addTo(row);
    expect(row).not.to.have.property('scores');
  });

  it('joins the metadata that the span has', () => {
    const judged = new Judged();
    judged.remember(spanId, 'e1', {
      merge: { id: spanId, _is_merge: true, metadata: { scores: { mood: { label: 'calm' } } } },
    });
    const row = toRow(span({ metadata: { scores: { own: 1 }, attempt: 1 } }));
    judged.addTo(row);
    expect(row.metadata).to.deep.equal({ scores: { own: 1, mood: { label: 'calm' } }, attempt: 1 });
  });
});
