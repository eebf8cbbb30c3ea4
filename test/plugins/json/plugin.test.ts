import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import {
  type EventOf,
  handlersOf,
  type PluginHost,
  type Send,
  SIGNALS,
  type Signal,
} from '../../../core/index.ts';
import { JsonExporter, type JsonOptions, json } from '../../../plugins/json/index.ts';
import { jsonOptions } from '../../../plugins/json/options.ts';
import { runOnTerminal, runWriter } from './children/run.ts';
import { feedbackEvent, logEvent, metricEvent, oneOfEach, scoreEvent, spanEvent } from './events.ts';

type Step = (step: { deadlineMs: number }) => void | Promise<void>;

/** A host that records what a plugin taps, to be called by the test. */
function recordingHost(dataDir: string) {
  const steps: Record<string, Step> = {};
  const sends: Partial<Record<Signal, Send<never>>> = {};
  const lifecycle = (name: string) => ({
    tap: (fn: Step) => {
      steps[name] = fn;
    },
  });
  const deliver = (signal: Signal) => (send: Send<never>) => {
    sends[signal] = send;
  };
  const host = {
    dataDir,
    hooks: { start: lifecycle('start'), flush: lifecycle('flush'), shutdown: lifecycle('shutdown') },
    deliver: Object.fromEntries(SIGNALS.map((signal) => [signal, deliver(signal)])),
  } as unknown as PluginHost;
  return { host, steps, sends };
}

describe('the json plugin', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'obs-json-'));
  });

  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  /** Applies the plugin as the host would, with the options it would hand over. */
  function apply(options: JsonOptions) {
    const use = json(options);
    const { host, steps, sends } = recordingHost(join(dir, '.obs'));
    use.use.apply(host, jsonOptions.parse(use.options));
    const step = async (name: string) => steps[name]!({ deadlineMs: 1_000 });
    const send = async <S extends Signal>(signal: S, batch: EventOf[S][], batchId = `${signal}-1`) =>
      (sends[signal] as Send<EventOf[S]>)(batch, {
        batchId,
        attempt: 1,
        abortSignal: new AbortController().signal,
      });
    return { step, send, tapped: Object.keys(sends) };
  }

  const linesOf = (path: string) =>
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  const failureOf = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error) => error,
    );

  it('takes all five signals and touches nothing before it is started', async () => {
    const { step, send, tapped } = apply({});
    expect(tapped).to.deep.equal([...SIGNALS]);
    expect(json.signals).to.deep.equal(SIGNALS);
    expect(() => readFileSync(join(dir, '.obs', 'events.jsonl'))).to.throw('ENOENT');
    await step('start');
    await send('logs', [logEvent()]);
    await step('shutdown');
    expect(linesOf(join(dir, '.obs', 'events.jsonl'))).to.have.length(1);
  });

  it('writes all signals into one file, from which they can be counted and found by id', async () => {
    const { step, send } = apply({ destination: 'out/all.jsonl' });
    await step('start');
    await Promise.all([
      send('tracing', [spanEvent(), { ...spanEvent(), type: 'span.updated' }]),
      send('metrics', [metricEvent(), metricEvent(), metricEvent()]),
      send('logs', [logEvent('a', 'log-a'), logEvent('b', 'log-b')]),
      send('scores', [scoreEvent()]),
      send('feedback', [feedbackEvent()]),
    ]);
    await step('flush');
    const lines = linesOf(join(dir, 'out', 'all.jsonl'));
    const counts = Object.fromEntries(
      SIGNALS.map((s) => [s, lines.filter(({ signal }) => signal === s).length]),
    );
    expect(counts).to.deep.equal({ tracing: 2, metrics: 3, logs: 2, scores: 1, feedback: 1 });
    expect(lines.filter(({ signal }) => signal === 'logs').map(({ id }) => id)).to.deep.equal([
      'log-a',
      'log-b',
    ]);
    expect(lines[0].exportedSpan.id).to.equal(spanEvent().exportedSpan.id);
    await step('shutdown');
  });

  it('writes nothing twice when every signal sends its last batch again', async () => {
    const { step, send } = apply({ destination: 'x.jsonl' });
    for (const _ of ['first', 'again']) {
      await send('tracing', [spanEvent()]);
      await send('metrics', [metricEvent()]);
      await send('logs', [logEvent()]);
      await send('scores', [scoreEvent()]);
      await send('feedback', [feedbackEvent()]);
    }
    await step('shutdown');
    expect(linesOf(join(dir, 'x.jsonl')).map(({ signal }) => signal)).to.deep.equal([...SIGNALS]);
  });

  it('takes an absolute path as it is', async () => {
    const path = join(dir, 'elsewhere', 'x.jsonl');
    const { step } = apply({ destination: path });
    await step('start');
    await step('shutdown');
    expect(readFileSync(path, 'utf8')).to.equal('');
  });

  it('fails to start with a coded error where the path cannot be written', async () => {
    const { step } = apply({ destination: '.' });
    expect(await failureOf(step('start'))).to.have.property('code', 'OBS_FILE_PATH');
  });

  it('writes the readable form where it is asked for, without colour in a file', async () => {
    const { step, send } = apply({ destination: 'x.log', format: 'pretty' });
    await send('logs', [logEvent('hello\u001b[2J\nworld')]);
    await step('shutdown');
    expect(readFileSync(join(dir, 'x.log'), 'utf8')).to.match(
      /^03:04:05\.678 log WARN hello\\nworld data=.*\n$/,
    );
  });

  it('hands the rotation on', async () => {
    const { step, send } = apply({ destination: 'x.jsonl', rotate: { maxBytes: 1, maxFiles: 1 } });
    await send('logs', [logEvent('a'), logEvent('b'), logEvent('c')]);
    await step('shutdown');
    expect(linesOf(join(dir, 'x.jsonl'))[0].record.message).to.equal('c');
    expect(linesOf(join(dir, 'x.jsonl.1'))[0].record.message).to.equal('b');
    expect(() => readFileSync(join(dir, 'x.jsonl.2'))).to.throw('ENOENT');
  });

  it('rejects the event that is no line, by index and with the reason, and writes the others', async () => {
    const { step, send } = apply({ destination: 'x.jsonl' });
    const bad = { ...logEvent(), record: { level: 'info', message: 'x', data: 1n } } as never;
    const result = await send('logs', [logEvent('a'), bad, logEvent('c')]);
    await step('shutdown');
    expect(result).to.deep.equal({
      rejected: [{ index: 1, reason: 'Do not know how to serialize a BigInt' }],
    });
    expect(linesOf(join(dir, 'x.jsonl')).map(({ record }) => record.message)).to.deep.equal(['a', 'c']);
  });

  it('has options with the documented defaults, each with a description', () => {
    expect(jsonOptions.parse({})).to.deep.equal({
      destination: '.obs/events.jsonl',
      rotate: { maxBytes: 50_000_000, maxFiles: 5 },
    });
    const { rotate, ...others } = jsonOptions.unwrap().shape;
    for (const [name, option] of Object.entries({ ...others, rotate, ...rotate.unwrap().shape }))
      expect(option.description, name).to.be.a('string').and.not.equal('');
  });

  it('refuses unknown and wrong options by name', () => {
    const problems = (options: unknown) =>
      jsonOptions
        .safeParse(options)
        .error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
        .join();
    expect(problems({ path: 'x' })).to.include('"path"');
    expect(problems({ destination: '' })).to.include('destination');
    expect(problems({ format: 'xml' })).to.include('format');
    expect(problems({ rotate: { maxBytes: 0 } })).to.include('rotate.maxBytes');
    expect(problems({ rotate: { maxFiles: 0 } })).to.include('rotate.maxFiles');
    expect(problems({ rotate: { keep: 1 } })).to.include('"keep"');
  });
});

describe('JsonExporter by hand', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'obs-json-'));
  });

  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  it('is an exporter with a handler for each signal', async () => {
    const path = join(dir, 'x.jsonl');
    const exporter = new JsonExporter({ destination: relative(process.cwd(), path) });
    const handlers = handlersOf(exporter);
    expect(Object.keys(handlers)).to.have.members([...SIGNALS]);
    const [span, metric, log, score, feedback] = oneOfEach();
    await handlers.tracing!(span as never);
    await handlers.metrics!(metric as never);
    await handlers.logs!(log as never);
    await handlers.scores!(score as never);
    await handlers.feedback!(feedback as never);
    await exporter.flush();
    const signals = readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).signal);
    expect(signals).to.deep.equal([...SIGNALS]);
    await exporter.shutdown();
  });

  it('refuses for good an event that is no line', async () => {
    const exporter = new JsonExporter({ destination: join(dir, 'x.jsonl') });
    const failure = await exporter.onMetricEvent({ ...metricEvent(), timeUnixMicro: Number.NaN }).then(
      () => undefined,
      (error) => error,
    );
    expect(failure).to.include({ name: 'PermanentError', message: 'Invalid time value' });
    await exporter.shutdown();
  });

  it('names a wrong option', () => {
    expect(() => new JsonExporter({ destinaton: 'stdout' } as never))
      .to.throw('"destinaton"')
      .with.property('code', 'OBS_PLUGIN_OPTIONS');
  });

  it('writes json to a pipe', async () => {
    let stdout = '';
    const [, { stderr }] = await Promise.all([
      runWriter('one-log', 'stdout', (child) => child.stdout?.on('data', (text) => (stdout += text))),
      runWriter('one-log', 'stderr'),
    ]);
    for (const line of [stdout, stderr])
      expect(JSON.parse(line)).to.have.nested.property('record.message', 'm0');
  });

  it('writes the readable form to a terminal, in colour unless its user wants none', async function () {
    const plain = await runOnTerminal('one-log stdout', { NO_COLOR: '1', TERM: 'xterm-256color' });
    if (plain === undefined) this.skip();
    expect(plain).to.match(/^03:04:05\.678 log WARN m0 data=/);
    // Only what a user's terminal says: node shows no colours under the variables of a CI runner.
    const coloured = await runOnTerminal('one-log stderr', { TERM: 'xterm-256color' });
    expect(coloured).to.include('\u001b[33mWARN\u001b[0m m0');
  });
});
