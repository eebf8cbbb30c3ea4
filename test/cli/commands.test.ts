import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openStores } from '../../core/index.ts';
import { buildPackage } from '../kit/built-package.ts';
import { createWorkplace, type Workplace } from './installed.ts';

const T0 = 1_760_000_000_000;
const nanos = (ms: number) => `${T0 + ms}000000`;
const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });

const AGENT = '0199aaaaaaaaaaaaaaaaaaaaaaaaaaaa';
const TWIN = '0199aaaaaaaaaaaabbbbbbbbbbbbbbbb';
const LONE = '77777777777777777777777777777777';
const HOSTILE = 'evil\u001b[2J\u0007\u202e name';

function span(traceId: string, spanId: string, name: string, start: number, end: number, more: object = {}) {
  const times = { startTimeUnixNano: nanos(start), endTimeUnixNano: nanos(end) };
  return { traceId, spanId: spanId.repeat(16), name, ...times, ...more };
}

const SPANS = [
  span(AGENT, '1', 'support', 0, 4_000, {
    attributes: [
      attribute('user.id', 'u-1'),
      attribute('gen_ai.conversation.id', 't-88'),
      attribute('metadata', '{"plan":"pro","n":1}'),
    ],
  }),
  span(AGENT, '2', 'gpt-x', 0, 2_000, {
    parentSpanId: '1'.repeat(16),
    attributes: [
      attribute('gen_ai.operation.name', 'chat'),
      { key: 'gen_ai.usage.input_tokens', value: { intValue: '1900' } },
      { key: 'gen_ai.usage.output_tokens', value: { intValue: '212' } },
    ],
  }),
  span(AGENT, '3', 'search', 2_000, 2_310, {
    parentSpanId: '1'.repeat(16),
    status: { code: 2, message: 'no answer within 300 ms' },
    attributes: [attribute('gen_ai.operation.name', 'execute_tool'), attribute('password', 'hunter2')],
  }),
  span(TWIN, '4', HOSTILE, 10_000, 11_000, { attributes: [attribute('user.id', 'u-2')] }),
  span(LONE, '5', 'lone', 20_000, 21_000, { attributes: [attribute('user.id', 'u-2')] }),
];
const LOG = {
  timeUnixNano: nanos(100),
  severityNumber: 13,
  traceId: AGENT,
  spanId: '2'.repeat(16),
  body: { stringValue: 'slow' },
};
const FILE = JSON.stringify({
  resourceSpans: [
    { resource: { attributes: [attribute('service.name', 'bot')] }, scopeSpans: [{ spans: SPANS }] },
  ],
  resourceLogs: [{ scopeLogs: [{ logRecords: [LOG] }] }],
});

describe('the command line', function () {
  this.timeout(60_000);
  let place: Workplace;

  before(async function () {
    this.timeout(120_000);
    await buildPackage();
    place = await createWorkplace();
    const { code, stderr } = await place.obs(['import', '--from', 'otlp', '-'], { input: FILE });
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
  });
  after(() => place?.remove());

  it('shows its help without loading the host, zod, DuckDB or a config', async () => {
    const coverage = mkdtempSync(join(tmpdir(), 'obs-coverage-'));
    const { code, stdout } = await place.obs(['--help'], { env: { NODE_V8_COVERAGE: coverage } });
    expect(code).to.equal(0);
    const config = ['check', 'explain', 'plugins'];
    const look = [
      ...['traces', 'trace', 'threads', 'logs', 'scores', 'feedback'],
      ...['metrics', 'stats', 'tail', 'query'],
    ];
    const care = ['import', 'export', 'doctor', 'prune', 'compact', 'migrate'];
    for (const command of [...config, ...look, ...care]) {
      expect(stdout).to.match(new RegExp(`^ {2}${command} `, 'm'));
    }
    const loaded = readdirSync(coverage)
      .map((file) => readFileSync(join(coverage, file), 'utf8'))
      .join();
    rmSync(coverage, { recursive: true });
    // Which chunk a module is in is the bundler's matter; functions keep their names.
    expect(loaded).to.contain('/dist/cli/index.js');
    expect(loaded).to.not.match(/"(createObs|resolveConfig)"|node_modules\/(zod|cosmiconfig|tapable)|duckdb/);
  });

  it('suggests the command or option that was meant, and ends with 2', async () => {
    const misspelt = [
      [['chek'], 'Did you mean check?'],
      [['traces', '--usr', 'x'], 'Did you mean --user?'],
      [[], 'Run `obs --help`'],
    ] as const;
    const results = await Promise.all(misspelt.map(([args]) => place.obs(args)));
    for (const [index, { code, stdout, stderr }] of results.entries()) {
      expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
      if (index !== 2)
        expect(stderr)
          .to.match(/^OBS_CLI_USAGE: .+\nhint: /)
          .and.contain(misspelt[index]![1]);
    }
  });

  it('names the option whose value is wrong, and ends with 2', async () => {
    const wrong = [
      ['traces', '--since', 'yesterday'],
      ['import', 'x.json', '--from', 'csv'],
      ['import', 'x.json'],
    ];
    const results = await Promise.all(wrong.map((args) => place.obs(args)));
    for (const [index, { code, stderr }] of results.entries()) {
      expect(code, stderr).to.equal(2);
      expect(stderr)
        .to.match(/^OBS_CLI_USAGE: /)
        .and.contain(wrong[index]!.find((arg) => arg.startsWith('--')) ?? '--from');
    }
  });

  describe('check', () => {
    it('says what would be active when all is well, and starts nothing', async () => {
      const fresh = await createWorkplace();
      const { code, stdout } = await fresh.obs(['check', '--no-json']);
      expect({ code, stdout }).to.deep.equal({
        code: 0,
        stdout: 'ok  development  obs.config.json  local: all signals\n',
      });
      expect(readdirSync(fresh.dir)).to.deep.equal(['obs.config.json']);
      fresh.remove();
    });

    it('lists every problem of every environment with place, code and hint, and ends with 3', async () => {
      const broken = await createWorkplace({
        signal: {},
        plugins: { local: { use: 'duckdb', options: { pth: 'x' } } },
        environments: { production: { signals: { logs: { level: 'loud' } } } },
      });
      const text = await broken.obs(['check', '--no-json', '--env', 'production']);
      expect(text.code).to.equal(3);
      expect(text.stdout).to.match(/^not ok {2}production {2}obs\.config\.json\n/);
      expect(text.stdout).to.match(
        /^obs\.config\.json:1:2 {2}signal {2}OBS_CONFIG_UNKNOWN_KEY: .*did you mean "signals"/m,
      );
      expect(text.stdout).to.match(
        /^obs\.config\.json:1:\d+ {2}plugins\.local\.options\.pth {2}OBS_PLUGIN_OPTIONS: .*\n {2}hint: /m,
      );
      expect(text.stdout).to.match(
        /^obs\.config\.json:1:\d+ {2}environments\.production\.signals\.logs\.level {2}OBS_CONFIG_TYPE: /m,
      );
      expect(text.stderr).to.equal('3 problems found\n');
      const records = await broken.json(['check', '--all']);
      const ended = records
        .filter(({ kind }) => kind === 'environment')
        .map(({ environment, isOk }) => [environment, isOk]);
      expect(ended).to.deep.equal([
        ['development', false],
        ['production', false],
      ]);
      expect(records.filter(({ kind }) => kind === 'problem')).to.have.length(5);
      broken.remove();
    });
  });

  describe('schema', () => {
    it('prints the schema of the config, or of the options of a plugin, and says when there is none', async () => {
      const whole = await place.obs(['schema']);
      expect(whole.code, whole.stderr).to.equal(0);
      expect(Object.keys(JSON.parse(whole.stdout).$defs)).to.include.members(['layer', 'duckdb', 'redact']);
      const one = JSON.parse((await place.obs(['schema', 'limit'])).stdout);
      expect(Object.keys(one.properties)).to.deep.equal(['maxSeries', 'metrics']);
      const none = await place.obs(['schema', 'nowhere']);
      expect(none.code).not.to.equal(0);
      expect(none.stderr).to.include('OBS_PLUGIN_NOT_FOUND');
    });
  });

  describe('a command that needs the config', () => {
    it('prints all its problems on stderr and ends with 3', async () => {
      const broken = await createWorkplace({ signal: {}, plugin: {} });
      const { code, stdout, stderr } = await broken.obs(['traces']);
      broken.remove();
      expect({ code, stdout }).to.deep.equal({ code: 3, stdout: '' });
      expect(stderr).to.match(/^OBS_CONFIG_INVALID: 2 problems\n/);
      expect(stderr.match(/OBS_CONFIG_UNKNOWN_KEY/g)).to.have.length(2);
      expect(stderr).to.not.contain(' at ');
    });

    it('says so when there is no store', async () => {
      const empty = await createWorkplace({ plugins: {} });
      const [list, bring] = await Promise.all([
        empty.obs(['traces']),
        empty.obs(['import', '--from', 'otlp', '-']),
      ]);
      empty.remove();
      for (const { code, stderr } of [list, bring]) {
        expect(code).to.equal(1);
        expect(stderr).to.match(/^OBS_NO_STORE: .+\nhint: Add a store/);
      }
    });

    it('goes through the process that has the store open', async () => {
      const { close } = await openStores({}, { cwd: place.dir });
      try {
        const list = await place.obs(['traces']);
        const bring = await place.obs(['import', '--from', 'otlp', '-'], { input: FILE });
        expect({ code: list.code, stderr: list.stderr }).to.deep.equal({
          code: 0,
          stderr: '1-3 of 3 traces\n',
        });
        expect({ code: bring.code, stderr: bring.stderr }).to.deep.equal({ code: 0, stderr: '' });
      } finally {
        await close();
      }
    });

    it('shows the stack of a failure only when asked', async () => {
      const debug = await place.obs(['trace', 'ffff'], { env: { OBS_DEBUG: '1' } });
      expect(debug.stderr).to.match(/^OBS_TRACE_NOT_FOUND: .+\n.*\n.*ObsError.*\n +at /);
    });
  });

  describe('explain', () => {
    const config = {
      signals: { logs: { level: 'warn' } },
      plugins: {
        cloud: { use: 'duckdb', options: { path: 'x', apiKey: 'sk-1234567890abcdefgh' }, enabled: false },
      },
      environments: { production: { signals: { logs: { level: 'error' } } } },
    };
    let explained: Workplace;
    before(async () => {
      explained = await createWorkplace(config);
    });
    after(() => explained.remove());

    it('shows every layer that spoke about a key and which one won', async () => {
      const { code, stdout } = await explained.obs(
        ['explain', 'signals.logs.level', '--env', 'production', '--no-json'],
        {
          env: { OBS_LOG_LEVEL: 'debug' },
        },
      );
      expect(code).to.equal(0);
      expect(stdout.split('\n').map((line) => line.trimEnd())).to.deep.equal([
        'signals.logs.level = debug  in environment "production"',
        '  built-in                                 info',
        '  obs.config.json                          warn',
        '  obs.config.json environments.production  error',
        '  OBS_LOG_LEVEL                            debug  <- wins',
        '',
      ]);
    });

    it('finds a key by a part of it, and lists what differs from the defaults', async () => {
      const [part, all] = await Promise.all([
        explained.json(['explain', 'logs']),
        explained.json(['explain']),
      ]);
      expect(part.map(({ key }) => key)).to.deep.equal(['signals.logs.enabled', 'signals.logs.level']);
      const keys = all.map(({ key }) => key);
      expect(keys).to.include('signals.logs.level').and.include('plugins.cloud.options.path');
      expect(keys).to.not.include('signals.logs.enabled');
    });

    it('never shows a secret', async () => {
      const { stdout } = await explained.obs(['explain', 'plugins', '--no-json']);
      expect(stdout).to.contain('plugins.cloud.options.apiKey = •').and.not.contain('1234567890');
    });

    it('suggests a key and ends with 5 when there is none of that name', async () => {
      const { code, stdout, stderr } = await explained.obs(['explain', 'signals.log']);
      expect({ code, stdout }).to.deep.equal({ code: 5, stdout: '' });
      expect(stderr).to.match(/^OBS_CONFIG_UNKNOWN_KEY: .*did you mean "signals\.logs"/);
    });
  });

  it('lists plugins with their signals, strategies and what switched one off', async () => {
    const several = await createWorkplace({
      plugins: {
        local: { use: 'duckdb', options: { path: 'x.duckdb' }, strategy: { tracing: 'insert-only' } },
        lines: { use: 'json', signals: ['logs'] },
        away: { use: 'json', enabled: false },
      },
      signals: { metrics: false },
    });
    const [text, records] = await Promise.all([
      several.obs(['plugins', '--no-json']),
      several.json(['plugins']),
    ]);
    several.remove();
    const lines = text.stdout.split('\n').map((line) => line.split(/ {2,}/));
    expect(lines.slice(0, 4)).to.deep.equal(
      [
        ['entry', 'plugin', 'kind', 'tracing', 'metrics', 'logs', 'scores', 'feedback'],
        ['local', 'duckdb', 'store', 'insert-only', 'off', 'batch', 'batch', 'batch'],
        ['lines', 'json', 'exporter', 'off', 'off', 'on', 'off', 'off'],
        ['away', 'json', '-', '-', '-', '-', '-'].toSpliced(2, 0, ''),
      ].map((cells) => cells.filter((cell) => cell !== '')),
    );
    expect(text.stdout).to.contain(
      'local: tracing: strategy set in the config; metrics: signals.metrics is off; ',
    );
    expect(text.stdout).to.contain('away: off by obs.config.json');
    expect(records.map(({ key, enabled }) => [key, enabled])).to.deep.equal([
      ['local', true],
      ['lines', true],
      ['away', false],
    ]);
  });

  describe('traces', () => {
    const names = async (...filters: string[]) =>
      (await place.json(['traces', ...filters])).map(({ name }) => name);

    it('lists the newest first, as JSON lines when piped, with the total on stderr', async () => {
      const { code, stdout, stderr } = await place.obs(['traces', '--limit', '2']);
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '1-2 of 3 traces; more: --page 2\n' });
      const found = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(found.map(({ name }) => name)).to.deep.equal(['lone', HOSTILE]);
      const [last] = await place.json(['traces', '--limit', '2', '--page', '2']);
      expect(last).to.deep.include({
        name: 'support',
        spanCount: 3,
        errorCount: 1,
        inputTokens: 1900,
        hasChildError: true,
      });
    });

    it('shows people a table in which nothing from the data is more than text', async () => {
      const { stdout } = await place.obs(['traces', '--no-json'], { env: { COLUMNS: '120' } });
      const lines = stdout.trimEnd().split('\n');
      expect(lines[0]).to.match(/^trace +status +name +duration +spans +tokens +started +thread +user$/);
      expect(lines[2]).to.contain('evil\\u{7}\\u{202e} name');
      expect(lines[3]).to.match(
        /^0199aaaaaaaaaaaaa +ok \(1 error\) +support +4\.00 s +3 +2\.1k +[\d-]+ +t-88 +u-1$/,
      );
      expect(stdout.replaceAll('\n', '')).to.not.match(/\p{Cc}/u);
      const { stdout: json } = await place.obs(['traces', '--json']);
      expect(json.replaceAll('\n', '')).to.not.match(/[\p{Cc}\u202e]/u);
    });

    it('filters by what a trace is, who it belongs to and when it was', async () => {
      const between = [
        '--since',
        new Date(T0 + 10_000).toISOString(),
        '--until',
        new Date(T0 + 20_000).toISOString(),
      ];
      const checks: [string[], string[]][] = [
        [
          [
            '--child-errors',
            '--user',
            'u-1',
            '--thread',
            't-88',
            '--service',
            'bot',
            '--metadata',
            'plan=pro',
          ],
          ['support'],
        ],
        [between, [HOSTILE]],
        [
          ['--asc', '--sort', 'ended', '--status', 'ok'],
          ['support', HOSTILE, 'lone'],
        ],
      ];
      // One after the other: a DuckDB file has one owner at a time.
      for (const [filters, expected] of checks)
        expect(await names(...filters), filters.join(' ')).to.deep.equal(expected);
    });

    it('says which filter to drop when nothing matches', async () => {
      const { code, stderr } = await place.obs([
        'traces',
        '--user',
        'u-2',
        '--thread',
        't-88',
        '--status',
        'ok',
      ]);
      expect({ code, stderr }).to.deep.equal({
        code: 0,
        stderr: '0 of 3 traces match --status ok --user u-2 --thread t-88; without --thread t-88: 2\n',
      });
    });

    it('refuses a store that the config does not have', async () => {
      const { code, stderr } = await place.obs(['traces', '--store', 'cloud']);
      expect(code).to.equal(2);
      expect(stderr).to.contain('OBS_CLI_USAGE: --store: "cloud"');
    });
  });

  describe('trace', () => {
    it('draws a trace by the beginning of its id, with what is linked to it', async () => {
      const { code, stdout } = await place.obs(['trace', AGENT.slice(0, 17), '--no-json'], {
        env: { COLUMNS: '100' },
      });
      expect(code).to.equal(0);
      const lines = stdout.split('\n');
      expect(lines[0]).to.match(
        new RegExp(`^${AGENT} {2}support {2}ok {2}4\\.00 s {2}3 spans {2}1 error {2}2,112 tok`),
      );
      expect(stdout).to.match(/^├─ llm gpt-x +2\.00 s +█+ +1\.9k>212 tok$/m);
      expect(stdout).to.match(/^└─ tool search +310 ms +█+$/m);
      expect(stdout).to.contain('! no answer within 300 ms');
      expect(stdout).to.match(/\nlogs \(1\)\n {2}[\d:.]+ {2}warn +slow/);
    });

    it('takes "last" for the newest', async () => {
      const [only, ...none] = await place.json(['trace', 'last']);
      expect(only).to.include({ kind: 'span', name: 'lone', traceId: LONE });
      expect(none).to.deep.equal([]);
    });

    it('gives its spans and linked events as JSON lines, secrets hidden since the import', async () => {
      const records = await place.json<{ kind: string; id: string; attributes?: object }>(['trace', AGENT]);
      expect(records.map(({ kind }) => kind)).to.deep.equal(['span', 'span', 'span', 'log']);
      expect(records[2]!.attributes).to.deep.include({ password: '[REDACTED]' });
    });

    it('shows one span in full', async () => {
      const { stdout } = await place.obs(['trace', AGENT, '--span', '333', '--no-json']);
      expect(stdout)
        .to.match(/^search\n/)
        .and.match(/^parent +1{16}$/m)
        .and.match(/^kind +tool$/m);
      expect(stdout).to.contain('\nno answer within 300 ms\n').and.contain('"password": "[REDACTED]"');
    });

    it('lists the candidates of an ambiguous beginning and ends with 2, or with 5 when there is none', async () => {
      const both = await place.obs(['trace', '0199']);
      const none = await place.obs(['trace', 'ffff']);
      const noSpan = await place.obs(['trace', AGENT, '--span', 'ffff']);
      expect(both.code).to.equal(2);
      expect(both.stderr).to.match(/^OBS_TRACE_AMBIGUOUS: "0199" begins the ids of 2 traces:\n/);
      expect(both.stderr)
        .to.contain(AGENT)
        .and.contain(TWIN)
        .and.not.match(/[^\P{Cc}\n]/u);
      expect([none.code, noSpan.code]).to.deep.equal([5, 5]);
      expect(none.stderr).to.match(/^OBS_TRACE_NOT_FOUND: .+\nhint: List traces with `obs traces`/);
    });

    it('paints only where colours are wanted', async () => {
      const painted = (env: NodeJS.ProcessEnv) => place.obs(['trace', LONE, '--no-json'], { env });
      const forced = await painted({ FORCE_COLOR: '1' });
      const refused = await painted({ FORCE_COLOR: '1', NO_COLOR: '1' });
      expect(forced.stdout).to.contain('\u001b[1mlone');
      expect(refused.stdout).to.contain('lone').and.not.contain('\u001b');
    });
  });

  describe('import', () => {
    it('keeps what is good in each file, reports the rest with its place, and ends with 1', async () => {
      const bad = place.write(
        'bad.json',
        JSON.stringify({
          resourceSpans: [{ scopeSpans: [{ spans: [span(LONE, '6', 'good', 0, 1), { name: 'no ids' }] }] }],
        }),
      );
      const cut = place.write('cut.jsonl', `${FILE}\n${FILE.slice(0, 400)}`);
      const { code, stdout } = await place.obs([
        'import',
        '--no-json',
        '--from',
        'otlp',
        bad,
        'missing.json',
        cut,
      ]);
      expect(code).to.equal(1);
      expect(stdout).to.contain(`${bad}  1 span\n`);
      expect(stdout).to.contain(
        `OBS_IMPORT_RECORD  ${bad}  /resourceSpans/0/scopeSpans/0/spans/1/traceId: the id is missing\n`,
      );
      expect(stdout).to.match(/missing\.json {2}nothing\n {2}OBS_IMPORT_READ {2}missing\.json: ENOENT/);
      expect(stdout).to.match(
        /cut\.jsonl {2}5 spans, 1 log\n {2}OBS_IMPORT_FORMAT {2}.*cut\.jsonl {2}line 2, column 401: the text ends too early\n/,
      );
      expect(stdout).to.match(/\nlocal: events delivered: tracing 12 of 12, logs 1 of 1\n$/);
    });

    it('sends to stores only, unless another entry is named', async () => {
      const two = await createWorkplace({
        plugins: {
          local: { use: 'duckdb', options: { path: 'x.duckdb' } },
          lines: { use: 'json', options: { destination: 'lines.jsonl' } },
        },
      });
      await two.obs(['import', '--from', 'otlp', '-'], { input: FILE });
      expect(readdirSync(two.dir)).to.not.include('lines.jsonl');
      const records = await two.json(['import', '--from', 'otlp', '-', '--to', 'lines'], { input: FILE });
      expect(records.filter(({ kind }) => kind === 'plugin').map(({ plugin }) => plugin)).to.deep.equal([
        'local',
        'lines',
      ]);
      expect(readFileSync(join(two.dir, 'lines.jsonl'), 'utf8').trim().split('\n')).to.have.length(11);
      const unknown = await two.obs(['import', '--from', 'otlp', '-', '--to', 'cloud']);
      two.remove();
      expect(unknown.code).to.equal(2);
      expect(unknown.stderr).to.contain('OBS_CLI_USAGE: --to: the config has no plugin entry "cloud"');
    });

    it('says so when no plugin takes a signal, and ends with 1', async () => {
      const tracesOnly = await createWorkplace({
        plugins: { local: { use: 'duckdb', options: { path: 'x.duckdb' }, signals: ['tracing'] } },
      });
      const { code, stdout } = await tracesOnly.obs(['import', '--no-json', '--from', 'otlp', '-'], {
        input: FILE,
      });
      tracesOnly.remove();
      expect(code).to.equal(1);
      expect(stdout).to.contain('-  5 spans, 1 log, 1 event taken by no plugin\n');
    });
  });
});
