import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { RetryableError } from '../../../core/index.ts';
import { JsonExporter, type JsonOptions } from '../../../plugins/json/index.ts';
import { runWriter } from './children/run.ts';
import { logEvent } from './events.ts';

const isPosix = process.platform !== 'win32';

describe('a file of json lines', () => {
  let dir: string;
  let path: string;
  const open_: JsonExporter[] = [];

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'obs-json-'));
    path = join(dir, '.obs', 'events.jsonl');
  });

  afterEach(async () => {
    sinon.restore();
    await Promise.all(open_.splice(0).map((exporter) => exporter.shutdown().catch(() => {})));
    rmSync(dir, { recursive: true, force: true });
  });

  function exporterTo(destination: string, rotate?: JsonOptions['rotate']): JsonExporter {
    const exporter = new JsonExporter({ destination, ...(rotate && { rotate }) });
    open_.push(exporter);
    return exporter;
  }

  /** The messages of the logs in a file; undefined for a line that is not JSON. */
  function messagesIn(file: string): unknown[] {
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines.pop(), 'the file ends with a line end').to.equal('');
    return lines.map((line) => {
      try {
        return JSON.parse(line).record.message;
      } catch {
        return undefined;
      }
    });
  }

  const logs = (...messages: string[]) => messages.map((message) => logEvent(message));
  const attempt = (batchId: string) => ({ batchId, abortSignal: new AbortController().signal });
  const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8);

  describe('when it is made', () => {
    it('is for its owner alone, and so is the directory, even under umask 0', async function () {
      if (!isPosix) this.skip();
      const before = process.umask(0);
      try {
        await exporterTo(join(dir, 'a', 'b', 'events.jsonl')).init();
      } finally {
        process.umask(before);
      }
      expect(modeOf(join(dir, 'a'))).to.equal('700');
      expect(modeOf(join(dir, 'a', 'b'))).to.equal('700');
      expect(modeOf(join(dir, 'a', 'b', 'events.jsonl'))).to.equal('600');
      expect(modeOf(join(dir, 'a', '.gitignore'))).to.equal('600');
    });

    it('keeps out of version control with the directory that was made for it', async () => {
      await exporterTo(join(dir, 'a', 'b', 'events.jsonl')).init();
      expect(readFileSync(join(dir, 'a', '.gitignore'), 'utf8')).to.equal('*\n');
      expect(readdirSync(join(dir, 'a', 'b'))).to.deep.equal(['events.jsonl']);
    });

    it('leaves a directory alone that was there', async () => {
      const mode = modeOf(dir);
      await exporterTo(join(dir, 'events.jsonl')).init();
      expect(readdirSync(dir)).to.deep.equal(['events.jsonl']);
      expect(modeOf(dir)).to.equal(mode);
    });

    it('says with a coded error which path cannot be written, and opens once it can', async () => {
      writeFileSync(join(dir, '.obs'), 'a file where the directory should be');
      const exporter = exporterTo(path);
      const failure = await exporter.init().then(
        () => undefined,
        (error) => error,
      );
      expect(failure).to.have.property('code', 'OBS_FILE_PATH');
      expect(failure.message).to.include(path);
      unlinkSync(join(dir, '.obs'));
      await exporter.init();
      expect(existsSync(path)).to.equal(true);
    });

    it('holds back, as one batch, what cannot be written for as long as that lasts', async () => {
      const exporter = exporterTo(path);
      writeFileSync(join(dir, '.obs'), 'a file where the directory should be');
      const failure = await exporter.send('logs', logs('one', 'two'), attempt('b')).catch((error) => error);
      expect(failure).to.be.instanceOf(RetryableError).and.have.property('isUnreachable', true);
      expect(failure.message).to.include(path);
      unlinkSync(join(dir, '.obs'));
      await exporter.send('logs', logs('one', 'two'), attempt('b'));
      expect(messagesIn(path)).to.deep.equal(['one', 'two']);
    });

    it('is never a directory, a device or a link that somebody put there', async function () {
      if (!isPosix) this.skip();
      symlinkSync(join(dir, 'target'), join(dir, 'link.jsonl'));
      for (const destination of [dir, '/dev/null', join(dir, 'link.jsonl')]) {
        const failure = await exporterTo(destination)
          .init()
          .then(
            () => undefined,
            (error) => error,
          );
        expect(failure, destination).to.have.property('code', 'OBS_FILE_PATH');
      }
      expect(existsSync(join(dir, 'target'))).to.equal(false);
    });

    it('is opened by the first event where nobody called init', async () => {
      await exporterTo(path).onLogEvent(logEvent('first'));
      expect(messagesIn(path)).to.deep.equal(['first']);
    });
  });

  describe('when it is written', () => {
    it('keeps what was in it and appends', async () => {
      await exporterTo(path).onLogEvent(logEvent('one'));
      await exporterTo(path).onLogEvent(logEvent('two'));
      expect(messagesIn(path)).to.deep.equal(['one', 'two']);
    });

    it('holds no character that ends a line for some reader or that a terminal obeys', async () => {
      const message = 'a\u2028b\u0085c\u009b2Jd\u001b[2Je\u202ef\u007fg\nh';
      await exporterTo(path).onLogEvent(logEvent(message));
      expect(readFileSync(path, 'utf8').trimEnd()).not.to.match(/[\p{Cc}\u2028\u2029\u202e]/u);
      expect(messagesIn(path)).to.deep.equal([message]);
    });

    it('keeps the order of calls that nobody awaited', async () => {
      const exporter = exporterTo(path);
      const messages = Array.from({ length: 200 }, (_, i) => `m${i}`);
      await Promise.all(messages.map((message) => exporter.onLogEvent(logEvent(message))));
      expect(messagesIn(path)).to.deep.equal(messages);
    });

    it('takes the lines of several writers without mixing them', async () => {
      const writers = [exporterTo(path), exporterTo(path), exporterTo(path)];
      await Promise.all(
        writers.flatMap((writer, w) =>
          Array.from({ length: 20 }, (_, i) =>
            writer.send('logs', logs(`${w}-${i}-${'x'.repeat(2_000)}`, `${w}-${i}`), attempt(`${w}-${i}`)),
          ),
        ),
      );
      const messages = messagesIn(path);
      expect(messages).to.have.length(120).and.not.include(undefined);
      expect(new Set(messages).size).to.equal(120);
    });

    it('goes on in a new file when the old one was moved or removed', async () => {
      const exporter = exporterTo(path);
      await exporter.onLogEvent(logEvent('one'));
      renameSync(path, `${path}.moved`);
      await exporter.onLogEvent(logEvent('two'));
      unlinkSync(path);
      await exporter.onLogEvent(logEvent('three'));
      expect(messagesIn(`${path}.moved`)).to.deep.equal(['one']);
      expect(messagesIn(path)).to.deep.equal(['three']);
    });

    it('follows to the new file where somebody else set the old one aside', async () => {
      const [ours, theirs] = [exporterTo(path), exporterTo(path)];
      await ours.onLogEvent(logEvent('one'));
      renameSync(path, `${path}.1`);
      await theirs.onLogEvent(logEvent('two'));
      await ours.onLogEvent(logEvent('three'));
      expect(messagesIn(`${path}.1`)).to.deep.equal(['one']);
      expect(messagesIn(path)).to.deep.equal(['two', 'three']);
    });

    it('refuses events after shutdown, which may be repeated', async () => {
      const exporter = exporterTo(path);
      await exporter.onLogEvent(logEvent('one'));
      await exporter.shutdown();
      await exporter.shutdown();
      const failure = await exporter.onLogEvent(logEvent('two')).then(
        () => undefined,
        (error) => error,
      );
      expect(failure).to.have.property('name', 'PermanentError');
      expect(messagesIn(path)).to.deep.equal(['one']);
    });
  });

  describe('when it grows', () => {
    const LINE = Buffer.byteLength(
      `${JSON.stringify({ time: '2026-01-02T03:04:05.678901Z', signal: 'logs', ...logEvent('m0') })}\n`,
    );

    it('is set aside before it would be larger than asked, lines whole and in order', async () => {
      const exporter = exporterTo(path, { maxBytes: 3 * LINE, maxFiles: 3 });
      await exporter.send('logs', logs('m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6'), attempt('a'));
      expect(messagesIn(path)).to.deep.equal(['m6']);
      expect(messagesIn(`${path}.1`)).to.deep.equal(['m3', 'm4', 'm5']);
      expect(messagesIn(`${path}.2`)).to.deep.equal(['m0', 'm1', 'm2']);
      expect(statSync(`${path}.1`).size).to.equal(3 * LINE);
      if (isPosix) expect(modeOf(path)).to.equal('600');
    });

    it('keeps as many older files as asked, the newest ones', async () => {
      const exporter = exporterTo(path, { maxBytes: LINE, maxFiles: 2 });
      for (let i = 0; i < 5; i++) await exporter.onLogEvent(logEvent(`m${i}`));
      expect(readdirSync(join(dir, '.obs')).sort()).to.deep.equal([
        '.gitignore',
        'events.jsonl',
        'events.jsonl.1',
        'events.jsonl.2',
      ]);
      expect(messagesIn(path)).to.deep.equal(['m4']);
      expect(messagesIn(`${path}.1`)).to.deep.equal(['m3']);
      expect(messagesIn(`${path}.2`)).to.deep.equal(['m2']);
    });

    it('takes a line that is larger than a file may be, whole and alone', async () => {
      const exporter = exporterTo(path, { maxBytes: LINE, maxFiles: 5 });
      const large = 'x'.repeat(10 * LINE);
      await exporter.send('logs', logs('m0', large, 'm2'), attempt('a'));
      expect(messagesIn(`${path}.2`)).to.deep.equal(['m0']);
      expect(messagesIn(`${path}.1`)).to.deep.equal([large]);
      expect(messagesIn(path)).to.deep.equal(['m2']);
    });

    it('counts bytes, not characters, and what was there before', async () => {
      await exporterTo(path).onLogEvent(logEvent('m0'));
      const exporter = exporterTo(path, { maxBytes: 2 * LINE, maxFiles: 5 });
      await exporter.onLogEvent(logEvent('é0'));
      expect(messagesIn(path)).to.deep.equal(['é0']);
      expect(messagesIn(`${path}.1`)).to.deep.equal(['m0']);
    });
  });

  describe('when a write went wrong', () => {
    it('does not let a torn line from before spoil the next one', async () => {
      await exporterTo(path).onLogEvent(logEvent('one'));
      appendFileSync(path, '{"time":"2026-01-02T03:04:05');
      await exporterTo(path).onLogEvent(logEvent('two'));
      expect(messagesIn(path)).to.deep.equal(['one', undefined, 'two']);
    });

    it('loses no line to a torn one where a batch is spread over two files', async () => {
      await exporterTo(path).onLogEvent(logEvent('one'));
      appendFileSync(path, '{');
      const maxBytes = Math.floor(3.5 * statSync(path).size);
      const exporter = exporterTo(path, { maxBytes });
      await exporter.send('logs', logs('two', 'three', 'four', 'five', 'six'), attempt('a'));
      expect(messagesIn(`${path}.1`)).to.deep.equal(['one', undefined, 'two', 'three']);
      expect(messagesIn(path)).to.deep.equal(['four', 'five', 'six']);
    });

    it('writes each line once although the disk was full half way', async function () {
      this.timeout(30_000);
      if (!canLimitFileSize()) this.skip();
      const child = await runWriter('full-disk', path);
      expect(child.report).to.deep.include({ first: 'EFBIG', second: 'delivered' });
      const messages = messagesIn(path);
      const torn = messages.indexOf(undefined);
      expect(torn, 'one line is torn where the disk was full').to.be.above(0);
      messages.splice(torn, 1);
      expect(messages).to.deep.equal(Array.from({ length: 100 }, (_, i) => `m${i}`));
    });

    it('does not write a batch again that an earlier attempt has written', async () => {
      const exporter = exporterTo(path);
      await exporter.send('logs', logs('one', 'two'), attempt('a'));
      await exporter.send('logs', logs('one', 'two'), attempt('a'));
      await exporter.send('logs', logs('three'), attempt('b'));
      expect(messagesIn(path)).to.deep.equal(['one', 'two', 'three']);
    });

    it('writes nothing of a batch whose time was up before its turn', async () => {
      const exporter = exporterTo(path);
      await exporter.init();
      const failure = await exporter
        .send('logs', logs('late'), { batchId: 'a', abortSignal: AbortSignal.abort(new Error('too late')) })
        .then(
          () => undefined,
          (error) => error,
        );
      expect(failure).to.have.property('message', 'too late');
      expect(messagesIn(path)).to.deep.equal([]);
      await exporter.send('logs', logs('late'), attempt('a'));
      expect(messagesIn(path)).to.deep.equal(['late']);
    });
  });

  describe('flush', () => {
    /** What is called on file handles, in order; the calls go through. */
    async function spyOnHandles() {
      const handle = await open(join(dir, 'any'), 'w');
      const prototype = Object.getPrototypeOf(handle) as FileHandle;
      await handle.close();
      return {
        write: sinon.spy(prototype, 'write'),
        datasync: sinon.spy(prototype, 'datasync'),
        sync: sinon.spy(prototype, 'sync'),
      };
    }

    it('resolves only after the data and the name of the file are on disk', async () => {
      const { write, datasync, sync } = await spyOnHandles();
      const exporter = exporterTo(path);
      const written = exporter.onLogEvent(logEvent('one'));
      await exporter.flush();
      await written;
      expect(write.callCount).to.equal(1);
      expect(datasync.callCount).to.equal(1);
      expect(datasync.firstCall.calledAfter(write.firstCall)).to.equal(true);
      await datasync.firstCall.returnValue;
      expect(sync.callCount, 'the directory of the file and the one above').to.equal(2);
    });

    it('costs nothing when nothing was written since the last one', async () => {
      const { datasync } = await spyOnHandles();
      const exporter = exporterTo(path);
      await exporter.onLogEvent(logEvent('one'));
      await exporter.flush();
      await exporter.flush();
      expect(datasync.callCount).to.equal(1);
    });

    it('covers a file that was set aside meanwhile', async () => {
      const { write, datasync } = await spyOnHandles();
      const exporter = exporterTo(path, { maxBytes: 1 });
      await exporter.onLogEvent(logEvent('one'));
      await exporter.onLogEvent(logEvent('two'));
      await exporter.flush();
      expect(write.callCount).to.equal(2);
      expect(datasync.callCount).to.equal(2);
      expect(datasync.firstCall.thisValue).to.equal(write.firstCall.thisValue);
      expect(datasync.secondCall.thisValue).to.equal(write.secondCall.thisValue);
    });

    it('is part of shutdown', async () => {
      const { datasync } = await spyOnHandles();
      const exporter = exporterTo(path);
      await exporter.onLogEvent(logEvent('one'));
      await exporter.shutdown();
      expect(datasync.callCount).to.equal(1);
    });
  });
});

/** A limit on file size stands in for a full disk: the write that crosses it is done in part, the next one fails. */
function canLimitFileSize(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
