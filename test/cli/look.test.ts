import { expect } from 'chai';
import { buildPackage } from '../kit/built-package.ts';
import { createWorkplace, type Workplace } from './installed.ts';
import { FEEDBACK, fillStore, HOSTILE, LOGS, METRICS, SCORES, SPANS, T0, traceIdOf } from './stored.ts';

describe('the commands that look at what is stored', function () {
  this.timeout(60_000);
  let place: Workplace;

  before(async function () {
    this.timeout(120_000);
    await buildPackage();
    place = await createWorkplace();
    await fillStore(place.dir);
  });
  after(() => place?.remove());

  /** The cells of a table for people, line by line. */
  const table = async (...args: string[]) => {
    const { code, stdout, stderr } = await place.obs([...args, '--no-json'], {
      env: { COLUMNS: '140', TZ: 'UTC' },
    });
    expect(code, stderr).to.equal(0);
    expect(stdout.replaceAll('\n', ''), 'nothing but text').to.not.match(/\p{Cc}/u);
    return {
      lines: stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.trim().split(/ {2,}/)),
      stderr,
    };
  };

  it('obs logs lists the newest first and takes a level as the lowest, or several as they are', async () => {
    const [all, severe, two] = [
      await table('logs'),
      await place.json(['logs', '--level', 'warn', '--asc']),
      await place.json<{ record: object }>(['logs', '--level', 'debug,warn', '--search', 'WARN said']),
    ];
    expect(all.lines[0]).to.deep.equal(['time', 'level', 'message', 'data', 'trace']);
    expect(all.lines[1]).to.deep.equal([
      '2025-10-09 08:53:24',
      'fatal',
      'fatal said',
      '0199000' + '0aaaaaaaa',
    ]);
    expect(all.lines[3]).to.include('{"order":17,"note":"evil\\u001b[2J\\u0007\\u{202e} name"}');
    expect(all.stderr).to.equal('1-5 of 5 logs\n');
    expect(severe).to.deep.equal(JSON.parse(JSON.stringify(LOGS.slice(2))));
    expect(two.map(({ record }) => record)).to.deep.equal([LOGS[2]!.record]);
  });

  it('a list of events takes the beginning of a trace id, and says which filter leaves nothing', async () => {
    const found = await place.json([
      'logs',
      '--trace',
      traceIdOf(0).slice(0, 9),
      '--limit',
      '2',
      '--page',
      '3',
    ]);
    const none = await place.obs(['scores', '--scorer', 'polite', '--trace', traceIdOf(2)]);
    const unknown = await place.obs(['logs', '--trace', 'ffff']);
    const wrong = await place.obs(['logs', '--level', 'loud']);
    expect(found).to.deep.equal([JSON.parse(JSON.stringify(LOGS[0]))]);
    expect({ ...none, code: none.code }).to.deep.equal({
      code: 0,
      stdout: '',
      stderr: `0 of 3 scores match --scorer polite --trace ${traceIdOf(2)}; without --trace ${traceIdOf(2)}: 2\n`,
    });
    expect([unknown.code, wrong.code]).to.deep.equal([5, 2]);
    expect(wrong.stderr).to.contain('Levels are debug, info, warn, error, fatal.');
  });

  it('obs scores and obs feedback list judgements with what they are about', async () => {
    const [scores, feedback] = [await table('scores'), await table('feedback', '--type', 'thumbs')];
    expect(scores.lines.slice(0, 2)).to.deep.equal([
      ['time', 'scorer', 'score', 'label', 'reason', 'trace', 'span'],
      ['2025-10-09', 'right', '0.5', 'ok', 'because 2', '01990002aaaaaaaa', '1111111111111111'],
    ]);
    expect(scores.lines).to.have.length(SCORES.length + 1);
    expect(feedback.lines.slice(1)).to.deep.equal([
      ['2025-10-09', 'thumbs', '1', 'ada', 'quick', '01990000aaaaaaaa', '1111111111111111'],
    ]);
    expect(feedback.stderr).to.equal('1-1 of 1 feedback event\n');
  });

  it('obs threads lists conversations, and the turns of one from its beginning', async () => {
    const [all, turns] = [await table('threads'), await table('threads', 't-1')];
    const none = await place.obs(['threads', 'nobody']);
    expect(all.lines.slice(1)).to.deep.equal([
      ['t-2', '2', '4', '2.4k', '$0.020', '2025-10-09', '2025-10-09', 'bob'],
      ['t-1', '3', '6', '3.6k', '$0.030', '2025-10-09', '2025-10-09', 'ada'],
    ]);
    expect(turns.lines.map((cells) => cells.slice(0, 4))).to.deep.equal([
      ['trace', 'status', 'input', 'output'],
      ...[0, 1, 2].map((turn) => [
        traceIdOf(turn).slice(0, 16),
        'ok',
        `question ${turn}`,
        `{"text":"answer ${turn}","html":"<b>"}`,
      ]),
    ]);
    expect(turns.stderr).to.equal('1-3 of 3 turns\n');
    expect(none.code).to.equal(5);
    expect(none.stderr).to.contain('obs threads');
  });

  it('obs traces --search looks into every span', async () => {
    const found = await place.json(['traces', '--search', 'UNICORN', '--thread', 't-2']);
    expect(found.map(({ traceId }) => traceId)).to.deep.equal([traceIdOf(4), traceIdOf(3)]);
  });

  describe('obs metrics', () => {
    it('lists the metrics with their type, number and last value', async () => {
      const { lines, stderr } = await table('metrics');
      expect(lines).to.deep.equal([
        ['metric', 'type', 'count', 'last'],
        ['latency', 'histogram', '60', '60'],
        ['queue', 'gauge', '1', '-4'],
        ['turns', 'counter', '3', '3'],
      ]);
      expect(stderr).to.equal('3 metrics\n');
    });

    it('shows one by labels, with percentiles and a trend', async () => {
      const { lines } = await table('metrics', 'latency', '--by', 'model', '--interval', '10m');
      expect(lines[0]).to.deep.equal(['model', 'count', 'avg', 'p50', 'p90', 'p99', 'trend']);
      expect(lines.slice(1, 3).map((cells) => cells.slice(0, 4))).to.deep.equal([
        ['b', '30', '31', '31'],
        ['a', '30', '30', '30'],
      ]);
      expect(lines[1]!.at(-1)).to.match(/^▁[▂-▇]+█$/);
      expect(lines.at(-1)!.join(' ')).to.equal(
        'trend: 10m a step, 2025-10-09 08:53:20 to 2025-10-09 09:52:20',
      );
    });

    it('gives every point as JSON, summed for a counter unless asked otherwise', async () => {
      const [turns] = await place.json<{ points: object[] }>(['metrics', 'turns', '--interval', '1m']);
      const [most] = await place.json([
        'metrics',
        'latency',
        '--aggregation',
        'max',
        '--percentiles',
        '0.5,0.999',
      ]);
      const minute = (at: number) => new Date(T0 - (T0 % 60_000) + at * 60_000).toISOString();
      expect(turns).to.deep.include({ name: 'turns', by: {}, aggregation: 'sum', value: 6, count: 3 });
      expect(turns!.points).to.deep.equal([1, 2, 3].map((value, at) => ({ time: minute(at), value })));
      expect(most).to.deep.include({ aggregation: 'max', value: 60 });
      expect(most!['percentiles']).to.have.all.keys('p50', 'p99.9');
    });

    it('says so when there is no such metric', async () => {
      const { code, stdout, stderr } = await place.obs(['metrics', 'nothing', '--user', 'ada']);
      expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '' });
      expect(stderr).to.equal('0 of 64 observations match nothing --user ada; without nothing: 64\n');
    });
  });

  it('obs stats says how much is stored of each signal, from when to when', async () => {
    const { lines } = await table('stats');
    expect(lines.map((cells) => cells.slice(0, 2))).to.deep.equal([
      ['signal', 'records'],
      ['tracing', `${SPANS.length}`],
      ['metrics', `${METRICS.length}`],
      ['logs', `${LOGS.length}`],
      ['scores', `${SCORES.length}`],
      ['feedback', `${FEEDBACK.length}`],
      [''],
      [lines.at(-1)![0]],
    ]);
    expect(lines[3]!.slice(2)).to.deep.equal(['2025-10-09 08:53:20', '2025-10-09 08:53:24']);
    expect(lines.at(-1)![0]).to.match(/^6 traces, [\d.]+ MB on disk$/);
  });

  describe('obs query', () => {
    it('gives rows as JSON lines, and says when there are more', async () => {
      const sql = 'select name, count(*) as n, 1 as n from obs_spans group by name order by name';
      const { code, stdout, stderr } = await place.obs(['query', sql, '--max-rows', '2']);
      const rows = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(rows).to.deep.equal([
        { name: HOSTILE, n: 1, n_2: 1 },
        { name: 'generate', n: 5, n_2: 1 },
      ]);
      expect({ code, stderr }).to.deep.equal({
        code: 0,
        stderr: 'the first 2 rows; there are more: raise --max-rows\n',
      });
    });

    it('shows people a table, or each row by itself where there are too many columns', async () => {
      const few = await table('query', "select name, started_at from obs_spans where type = 'workflow_run'");
      const many = await table('query', 'select * from obs_spans order by started_at limit 2');
      expect(few.lines).to.deep.equal([
        ['name', 'started_at'],
        ['evil\\u{7}\\u{202e} name', '2025-10-09 18:53:20.000'],
      ]);
      expect(many.lines[3]).to.deep.equal(['name', 'support']);
      expect(many.lines.filter(([column]) => column === 'trace_id')).to.have.length(2);
    });

    it('refuses what is no single SELECT, and ends with 2', async () => {
      const { code, stdout, stderr } = await place.obs(['query', 'delete from obs_spans']);
      expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr).to.match(/^OBS_STORE_QUERY: /);
    });
  });
});
