import { expect } from 'chai';
import { cost, dateTime, duration, tokens } from '../../../cli/render/amounts.ts';
import { treeRows } from '../../../cli/render/forest.ts';
import { createStyle } from '../../../cli/render/style.ts';
import { renderTable } from '../../../cli/render/table.ts';
import { totalsOf } from '../../../cli/render/totals.ts';
import { renderTrace } from '../../../cli/render/trace.ts';
import { cutTo, fitTo, widthOf } from '../../../cli/render/width.ts';
import type { ExportedSpan, LogEvent, ScoreEvent } from '../../../core/index.ts';

const T0 = 1_700_000_000_000_000;

function span(id: string, fields: Partial<ExportedSpan> = {}): ExportedSpan {
  const startUnixMicro = fields.startUnixMicro ?? T0;
  const endUnixMicro = 'endUnixMicro' in fields ? fields.endUnixMicro : startUnixMicro + 1_000_000;
  return {
    id,
    traceId: 'trace-1',
    name: id,
    type: 'generic',
    isRootSpan: fields.parentSpanId === undefined,
    isEvent: false,
    seq: 2,
    status: 'ok',
    startTime: new Date(startUnixMicro / 1000),
    ...fields,
    startUnixMicro,
    endUnixMicro,
  } as ExportedSpan;
}
const under = (parentSpanId: string, fields: Partial<ExportedSpan> = {}) => ({ parentSpanId, ...fields });
const plain = (spans: ExportedSpan[], width = 100) => renderTrace(spans, { width, color: false });
const shape = (spans: ExportedSpan[]) =>
  treeRows(spans).map(({ rails, span: { id }, stray }) => `${rails}${id}${stray ? ` (${stray})` : ''}`);

describe('amounts', () => {
  it('shows durations in the unit that fits', () => {
    const shown = [
      0, 12, 999, 1_500, 310_000, 999_499, 4_214_000, 65_000_000, 3_599_400_000, 7_380_000_000,
    ].map(duration);
    expect(shown).to.deep.equal([
      '0 µs',
      '12 µs',
      '999 µs',
      '1.5 ms',
      '310 ms',
      '999 ms',
      '4.21 s',
      '1m 05s',
      '59m 59s',
      '2h 03m',
    ]);
    expect(duration(-1_500)).to.equal('-1.5 ms');
  });

  it('shows tokens in few characters and money with the digits that say something', () => {
    expect([0, 999, 1_949, 34_200, 1_250_000].map(tokens)).to.deep.equal(['0', '999', '1.9k', '34k', '1.3M']);
    expect([0, 12.4, 0.0141, 0.0000063, -0.5].map((value) => cost(value))).to.deep.equal([
      '$0.00',
      '$12.40',
      '$0.014',
      '$0.0000063',
      '-$0.50',
    ]);
    expect(cost(0.25, 'EUR')).to.equal('0.25 EUR');
  });
});

describe('width of text', () => {
  it('counts columns, not units', () => {
    const widths = ['abc', 'äö', '日本語', '👋', '👩‍👩‍👧', 'e\u0301', '\u200b', '한글', '🇩🇪', '✔'].map(
      widthOf,
    );
    expect(widths).to.deep.equal([3, 2, 6, 2, 2, 1, 0, 4, 2, 1]);
  });

  it('cuts and fills to columns without splitting a character', () => {
    expect(cutTo('日本語', 5)).to.equal('日本…');
    expect(cutTo('日本語', 4)).to.equal('日…');
    expect(cutTo('abc', 3)).to.equal('abc');
    expect(fitTo('日', 4)).to.equal('日  ');
    expect(fitTo('ab', 4, 'right')).to.equal('  ab');
    expect(cutTo('abc', 0)).to.equal('');
  });
});

describe('the tree of a trace', () => {
  it('puts children under their parents in the order of their start', () => {
    const rows = shape([
      span('c', under('a', { startUnixMicro: T0 + 2 })),
      span('a'),
      span('b', under('a', { startUnixMicro: T0 + 1 })),
      span('d', under('b', { startUnixMicro: T0 + 3 })),
    ]);
    expect(rows).to.deep.equal(['a', '├─ b', '│  └─ d', '└─ c']);
  });

  it('shows several roots, orphans and circles, each span once', () => {
    const rows = shape([
      span('a'),
      span('b', { startUnixMicro: T0 + 1 }),
      span('orphan', under('gone', { startUnixMicro: T0 + 2 })),
      span('child', under('orphan')),
      span('x', under('y', { startUnixMicro: T0 + 3 })),
      span('y', under('x', { startUnixMicro: T0 + 4 })),
      span('self', under('self', { startUnixMicro: T0 + 5 })),
    ]);
    expect(rows).to.deep.equal([
      'a',
      'b',
      'orphan (parent is missing)',
      '└─ child',
      'x (parents form a circle)',
      '└─ y',
      'self (parents form a circle)',
    ]);
  });

  it('takes a chain of twenty thousand spans without running out of stack or width', () => {
    const chain = Array.from({ length: 20_000 }, (_, i) => span(`s${i}`, i === 0 ? {} : under(`s${i - 1}`)));
    const lines = plain(chain, 80).split('\n');
    expect(lines.length).to.be.at.least(20_000);
    for (const line of lines) expect(widthOf(line)).to.be.at.most(80);
    expect(lines.at(-1)).to.match(/^19999 /);
  });

  it('counts tokens and cost of the outermost spans that report them', () => {
    const usage = (inputTokens: number, outputTokens: number) => ({
      usage: { inputTokens, outputTokens },
      cost: { total: inputTokens },
    });
    const rows = treeRows([
      span('root'),
      span('outer', under('root', { attributes: usage(10, 1) })),
      span('inner', under('outer', { attributes: usage(9, 1) })),
      span(
        'second',
        under('root', {
          attributes: { ...usage(5, 2), cost: { input: 1, output: 2, currency: 'EUR' } },
          startUnixMicro: T0 + 1,
        }),
      ),
    ]);
    const totals = totalsOf(rows);
    expect(totals).to.deep.include({ inputTokens: 15, outputTokens: 3 });
    expect([...totals.cost]).to.deep.equal([
      ['USD', 10],
      ['EUR', 3],
    ]);
  });
});

describe('a trace for people', () => {
  const agent = [
    span('root', {
      name: 'agent',
      type: 'agent_run',
      endUnixMicro: T0 + 4_000_000,
      threadId: 't-88',
      status: 'error',
    }),
    span(
      'llm',
      under('root', {
        name: 'gpt-x',
        type: 'model_generation',
        endUnixMicro: T0 + 2_000_000,
        attributes: {
          usage: { inputTokens: 1900, outputTokens: 212, inputDetails: { cacheRead: 1204 } },
          cost: { total: 0.0092 },
        },
      }),
    ),
    span(
      'tool',
      under('root', {
        name: 'search',
        type: 'tool_call',
        startUnixMicro: T0 + 2_000_000,
        endUnixMicro: T0 + 2_310_000,
        status: 'error',
        errorInfo: { name: 'TimeoutError', message: 'no answer within 300 ms' },
      }),
    ),
    span(
      'point',
      under('tool', {
        name: 'retry',
        isEvent: true,
        startUnixMicro: T0 + 3_000_000,
        endUnixMicro: T0 + 3_000_000,
      }),
    ),
  ];

  it('is a line about the whole, then tree and waterfall side by side', () => {
    const lines = plain(agent, 100).split('\n');
    expect(lines[0]).to.equal(
      'trace-1  agent  error  4.00 s  4 spans  2 errors  2,112 tok (1,204 cached)  $0.0092  thread t-88',
    );
    expect(lines[1]).to.equal(dateTime(new Date(T0 / 1000)));
    const bars = 48;
    expect(lines.slice(2)).to.deep.equal([
      `agent agent       4.00 s  ${'█'.repeat(bars)}`,
      `├─ llm gpt-x      2.00 s  ${'█'.repeat(bars / 2 + 1)}${' '.repeat(bars / 2 - 1)}  1.9k>212 tok  $0.0092`,
      `└─ tool search    310 ms  ${' '.repeat(24)}${'█'.repeat(4)}`,
      '   │  ! TimeoutError: no answer within 300 ms',
      `   └─ ◆ retry             ${' '.repeat(36)}◆`,
    ]);
  });

  it('leaves the bar of a running span open', () => {
    const lines = plain([
      span('root', { endUnixMicro: undefined, status: 'running' } as unknown as Partial<ExportedSpan>),
      span('done', under('root', { endUnixMicro: T0 + 1_000_000 })),
    ]).split('\n');
    expect(lines[0]).to.contain('running  1.00 s so far');
    expect(lines[1]).to.match(/^root\s+running {2}▒+▶$/);
  });

  it('keeps to the width of the terminal whatever the names, and drops the bars when it is narrow', () => {
    const long = [
      span('root', { name: '日本語'.repeat(50) }),
      span(
        'b',
        under('root', { name: 'x'.repeat(500), errorInfo: { message: 'y'.repeat(500) }, status: 'error' }),
      ),
    ];
    for (const width of [20, 40, 60, 80, 200]) {
      const lines = plain(long, width).split('\n');
      for (const line of lines) expect(widthOf(line), line).to.be.at.most(width);
      expect(lines.some((line) => line.includes('█'))).to.equal(width >= 60);
    }
  });

  it('lets nothing from the data reach the terminal as a control', () => {
    const hostile = '\u001b[2J\u001b]0;owned\u0007\r\nFAKE \u202eevil\u009b1m';
    const spans = [
      span('root', {
        name: hostile,
        traceId: hostile,
        userId: hostile,
        threadId: hostile,
        status: 'error',
        errorInfo: { name: hostile, message: hostile },
        attributes: { cost: { total: 1, currency: hostile } },
      }),
    ];
    const base = { id: '1', timestamp: new Date(T0 / 1000), timeUnixMicro: T0 };
    const scores = [
      { ...base, type: 'score', score: { scorerId: hostile, label: hostile, reason: hostile } },
    ] as ScoreEvent[];
    const logs = [
      { ...base, type: 'log', record: { level: 'info', message: hostile, data: { [hostile]: hostile } } },
    ] as LogEvent[];
    const text = renderTrace(spans, { width: 120, color: false, scores, logs });
    expect(text.replaceAll('\n', '')).to.not.match(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    const colored = renderTrace(spans, { width: 120, color: true, scores, logs });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours are what is looked for
    expect(colored.replace(/\u001b\[\d+m/g, '')).to.equal(text);
  });

  it('lists scores, feedback and logs with their number and their target', () => {
    const base = { id: '1', timestamp: new Date(2023, 10, 14, 9, 5, 1, 42), timeUnixMicro: T0 };
    const text = renderTrace(agent, {
      width: 100,
      color: false,
      scores: [
        {
          ...base,
          type: 'score',
          spanId: 'llm',
          score: { scorerId: 'quality', score: 0.9, label: 'good', reason: 'short' },
        },
      ],
      feedback: [
        { ...base, type: 'feedback', feedback: { feedbackType: 'thumbs', value: -1, comment: 'wrong' } },
      ],
      logs: Array.from({ length: 52 }, () => ({
        ...base,
        type: 'log',
        record: { level: 'warn', message: 'slow' },
      })),
    });
    expect(text).to.contain('scores (1)\n  quality  0.9 good  on gpt-x  short\n');
    expect(text).to.contain('feedback (1)\n  thumbs  -1  wrong\n');
    expect(text).to.contain('logs (52)\n  09:05:01.042  warn   slow\n');
    expect(text.endsWith('\n  … 2 more, with --json')).to.equal(true);
  });
});

describe('tables', () => {
  const style = createStyle(false);
  const columns = [
    { title: 'id' },
    { title: 'name', isFlexible: true },
    { title: 'n', align: 'right' },
    { title: 'empty' },
  ] as const;

  it('are as wide as their cells, without columns that say nothing', () => {
    const lines = renderTable(
      columns,
      [
        ['a', 'first', '1', ''],
        ['bb', '日本', '22', ''],
      ],
      80,
      style,
    );
    expect(lines).to.deep.equal(['id  name    n', 'a   first   1', 'bb  日本   22']);
  });

  it('shrink their flexible columns to the terminal', () => {
    const lines = renderTable(columns, [['a', 'x'.repeat(100), '1', '']], 30, style);
    for (const line of lines) expect(widthOf(line)).to.be.at.most(30);
    expect(lines[1]).to.contain('…');
  });

  it('leave minor columns out, the last first, where the flexible ones could say nothing beside them', () => {
    const titles = ['id', 'name', 'spans', 'user'];
    const minor = titles.map((title) => ({
      title,
      isFlexible: title === 'name',
      isMinor: title === 'spans' || title === 'user',
    }));
    const titlesAt = (width: number) =>
      renderTable(minor, [['a'.repeat(16), 'support agent', '14', 'ada']], width, style)[0]!.split(/ +/);
    expect(titlesAt(46)).to.deep.equal(titles);
    expect(titlesAt(42)).to.deep.equal(['id', 'name', 'spans']);
    expect(titlesAt(36)).to.deep.equal(['id', 'name']);
    expect(titlesAt(10)).to.deep.equal(['id', 'name']);
  });

  it('show control characters in cells by their codes', () => {
    expect(renderTable(columns, [['a\u001b[2J\u0007', 'b\nc', '', '']], 80, style)[1]).to.equal(
      'a\\u{7}  b\\nc',
    );
  });
});
